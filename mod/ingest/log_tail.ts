/**
 * The end of the log, to see what is in it already: an append that failed may have written some of
 * its records, and a process that was killed does not know how far it came.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { EventLog, LogRecord, NewRecord } from "../log/event_log.ts";

const encoder = new TextEncoder();

/** The last records of each partition, at most so many of each. */
export async function readTail(
  log: EventLog,
  { topic, perPartition }: { topic: string; perPartition: number },
): Promise<LogRecord[]> {
  const tail: LogRecord[] = [];
  for (const [partition, { start, end }] of await log.offsets(topic)) {
    const from = Math.max(start, end - perPartition);
    if (from >= end) continue;
    tail.push(...await log.read(topic, { partition, from, limit: end - from }));
  }
  return tail;
}

/** The records that are not among the last of the log. */
export async function withoutTail(
  log: EventLog,
  { topic, records }: { topic: string; records: readonly NewRecord[] },
): Promise<NewRecord[]> {
  // Whoever else writes to the log may have put records behind ours meanwhile.
  const tail = await readTail(log, { topic, perPartition: 4 * records.length + 1000 });
  const there = new Set(tail.map(({ key, value }) => fingerprint({ key, value })));
  return records.filter((record) => !there.has(fingerprint(record)));
}

function fingerprint({ key, value }: Pick<NewRecord, "key" | "value">): string {
  const bytes = typeof value === "string" ? encoder.encode(value) : value;
  return `${key} ${createHash("sha256").update(bytes).digest("base64")}`;
}
