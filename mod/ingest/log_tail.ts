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

/**
 * The records that are not among the last of the log. Of several that are alike, such as dead letters
 * of one instant, as many are taken for there as there are.
 */
export async function withoutTail(
  log: EventLog,
  { topic, records }: { topic: string; records: readonly NewRecord[] },
): Promise<NewRecord[]> {
  // Whoever else writes to the log may have put records behind ours meanwhile.
  const tail = await readTail(log, { topic, perPartition: 4 * records.length + 1000 });
  const there = new Map<string, number>();
  for (const record of tail) {
    const print = fingerprint(record);
    there.set(print, (there.get(print) ?? 0) + 1);
  }
  return records.filter((record) => {
    const print = fingerprint(record);
    const left = there.get(print) ?? 0;
    there.set(print, left - 1);
    return left <= 0;
  });
}

/** Headers count: they tell when a payload was seen, and broken ones are often alike. */
function fingerprint({ key, value, headers = {} }: NewRecord): string {
  const bytes = typeof value === "string" ? encoder.encode(value) : value;
  const named = JSON.stringify(Object.entries(headers).toSorted(([a], [b]) => a < b ? -1 : 1));
  return `${key} ${named} ${createHash("sha256").update(bytes).digest("base64")}`;
}
