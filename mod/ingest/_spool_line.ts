/**
 * A record of the spool as a line of JSON.
 *
 * @module
 */
import { z } from "zod";
import type { NewRecord } from "../log/event_log.ts";

/** A record and the topic that it is meant for. */
export interface Addressed {
  readonly topic: string;
  readonly record: NewRecord;
}

const lineSchema = z.object({
  t: z.string(),
  k: z.string().nullable(),
  /** Text. */
  v: z.string().optional(),
  /** Bytes, in base64. */
  b: z.string().optional(),
  h: z.record(z.string(), z.string()).optional(),
});

export function encodeLine({ topic, record }: Addressed): string {
  const { key, value, headers } = record;
  const body = typeof value === "string" ? { v: value } : { b: value.toBase64() };
  return JSON.stringify({ t: topic, k: key, ...body, ...(headers && { h: headers }) }) + "\n";
}

/** Null for what no {@linkcode encodeLine} wrote, such as half a line. */
export function decodeLine(line: string): Addressed | null {
  try {
    const data = lineSchema.parse(JSON.parse(line));
    const value = data.v ?? Uint8Array.fromBase64(data.b ?? "");
    const headers = data.h === undefined ? {} : { headers: data.h };
    return { topic: data.t, record: { key: data.k, value, ...headers } };
  } catch {
    return null;
  }
}
