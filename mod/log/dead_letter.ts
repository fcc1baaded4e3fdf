/**
 * Dead letters: what could not be used, kept with its reason in a topic of its own.
 *
 * @module
 */
import type { NewRecord } from "./event_log.ts";

/** The largest payload that is kept whole, in bytes; the rest of a larger one is cut off. */
export const MAX_DEAD_LETTER_BYTES: number = 8 * 1024 * 1024;

/** What the error topic must take: the payload and room for headers. */
export const ERROR_TOPIC_MAX_BYTES: number = MAX_DEAD_LETTER_BYTES + 64 * 1024;

/** Something that could not be used. */
export interface DeadLetter {
  /** Where it was refused. */
  readonly stage: "ingest" | "stream";
  /** Why, in words. */
  readonly reason: string;
  /** The payload as it came. */
  readonly payload: string | Uint8Array;
  readonly key: string | null;
  /** Where the payload stood in the log, for stage `stream`: also tells repeats of one record. */
  readonly source?: { readonly topic: string; readonly partition: number; readonly offset: number };
  /** The Mastodon server that it came from, for stage `ingest`. */
  readonly instance?: string;
  /** When it was first seen, in ms. */
  readonly firstSeenMs: number;
  /** How often it was tried. @default {1} */
  readonly attempt?: number;
}

const encoder = new TextEncoder();

/**
 * The record of a dead letter: the payload as value, all else in headers.
 *
 * @example
 * ```ts
 * import { deadLetterRecord } from "./dead_letter.ts";
 * const record = deadLetterRecord({
 *   stage: "ingest", reason: "Malformed JSON", payload: "{", key: null, firstSeenMs: 0,
 * });
 * if (record.headers?.reason !== "Malformed JSON") throw new Error();
 * ```
 */
export function deadLetterRecord(letter: DeadLetter): NewRecord {
  const bytes = typeof letter.payload === "string"
    ? encoder.encode(letter.payload)
    : letter.payload;
  const headers: Record<string, string> = {
    stage: letter.stage,
    reason: letter.reason,
    first_seen: dateOf(letter.firstSeenMs).toISOString(),
    attempt: String(letter.attempt ?? 1),
  };
  if (letter.source !== undefined) {
    headers.source_topic = letter.source.topic;
    headers.source_partition = String(letter.source.partition);
    headers.source_offset = String(letter.source.offset);
  }
  if (letter.instance !== undefined) headers.instance = letter.instance;
  if (bytes.length > MAX_DEAD_LETTER_BYTES) headers.cut_from_bytes = String(bytes.length);
  return { key: letter.key, value: bytes.subarray(0, MAX_DEAD_LETTER_BYTES), headers };
}

/** The log's records are dated by whoever wrote them: what is no time becomes 1970. */
function dateOf(ms: number): Date {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms) : new Date(0);
}
