/**
 * Dead letters, read back from the error topic.
 *
 * @module
 */
import type { EventLog, LogRecord } from "./event_log.ts";

/** A dead letter as it stands in the error topic. */
export interface StoredDeadLetter {
  /** Where it stands in the error topic. */
  readonly place: { readonly partition: number; readonly offset: number };
  /** When it reached the error topic, in ms. */
  readonly recordedMs: number;
  /** Where it was refused; null: something of somebody else's. */
  readonly stage: "ingest" | "stream" | null;
  readonly reason: string;
  /** How often it was tried. */
  readonly attempt: number;
  /** When it was first seen, in ms; null if that is not told. */
  readonly firstSeenMs: number | null;
  /** Where its payload stood in the log, if it did. */
  readonly source:
    | { readonly topic: string; readonly partition: number; readonly offset: number }
    | null;
  /** The Mastodon server that it came from, if that is known. */
  readonly instance: string | null;
  /** Size of the payload before it was cut; null if it is whole. */
  readonly cutFromBytes: number | null;
  readonly key: string | null;
  readonly payload: Uint8Array;
}

/** What identifies a letter: where its payload first stood, and when. */
export interface LetterId {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly seenMs: number;
}

/** Which letters are of interest. */
export interface LetterFilter {
  /** Part of the reason, in either case. */
  readonly reason?: string;
  readonly stage?: "ingest" | "stream";
  /** Those recorded at or after, in ms. */
  readonly sinceMs?: number;
}

/** Which letters in which order. */
export interface LetterQuery extends LetterFilter {
  readonly order: "newest" | "oldest";
}

/** Letters can have 8 MB each: pages are small. */
const PAGE = 64;
/** Clocks of several writers differ by less than this, in ms. */
const CLOCKS_MS = 3_600_000;

/**
 * Reads a record of the error topic; never throws, whatever it holds.
 *
 * @example
 * ```ts
 * import { deadLetterRecord } from "./dead_letter.ts";
 * import { parseDeadLetter } from "./dead_letter_reader.ts";
 * const { headers = {} } = deadLetterRecord({
 *   stage: "ingest", reason: "Malformed JSON", payload: "{", key: null, firstSeenMs: 5,
 * });
 * const record = { offset: 0, key: null, value: new Uint8Array(), timestamp: 6, headers };
 * const letter = parseDeadLetter(record, 0);
 * if (letter.stage !== "ingest" || letter.firstSeenMs !== 5) throw new Error();
 * ```
 */
export function parseDeadLetter(record: LogRecord, partition: number): StoredDeadLetter {
  const { headers } = record;
  const { stage, reason, instance } = headers;
  const firstSeenMs = Date.parse(headers.first_seen ?? "");
  return {
    place: { partition, offset: record.offset },
    recordedMs: record.timestamp,
    stage: stage === "ingest" || stage === "stream" ? stage : null,
    reason: reason ?? "",
    attempt: wholeNumber(headers.attempt) ?? 1,
    firstSeenMs: firstSeenMs >= 0 ? firstSeenMs : null,
    source: sourceOf(headers),
    instance: instance === undefined || instance === "" ? null : instance,
    cutFromBytes: wholeNumber(headers.cut_from_bytes),
    key: record.key,
    payload: record.value,
  };
}

/**
 * What identifies a letter. A crash between the error topic and the commit repeats a letter of the
 * stream: its repetitions share the place of the payload. Others stand for themselves.
 */
export function letterId(letter: StoredDeadLetter, errorTopic: string): LetterId {
  const { source, place } = letter;
  return source === null
    ? { topic: errorTopic, ...place, seenMs: letter.recordedMs }
    : { ...source, seenMs: letter.firstSeenMs ?? 0 };
}

/** Whether a letter is of interest. */
export function matches(letter: StoredDeadLetter, filter: LetterFilter): boolean {
  const { reason, stage, sinceMs } = filter;
  if (stage !== undefined && letter.stage !== stage) return false;
  if (sinceMs !== undefined && letter.recordedMs < sinceMs) return false;
  return reason === undefined || letter.reason.toLowerCase().includes(reason.toLowerCase());
}

/**
 * The letters that the error topic holds now, by the time of their arrival, each once.
 *
 * @throws {MissingTopicError} if the topic does not exist
 */
export async function* readDeadLetters(
  log: EventLog,
  topic: string,
  query: LetterQuery,
): AsyncGenerator<StoredDeadLetter> {
  const ranges = await log.offsets(topic);
  const pages = query.order === "newest" ? pagesBackward : pagesForward;
  const streams = [...ranges].map(([partition, range]) => {
    const { sinceMs } = query;
    return letters(pages(log, { topic, partition, ...range }), { partition, query, sinceMs });
  });
  const seen = new Set<string>();
  for await (const letter of mergeByTime(streams, query.order)) {
    const { source } = letter;
    if (source !== null) {
      const id = JSON.stringify(letterId(letter, topic));
      if (seen.has(id)) continue;
      seen.add(id);
    }
    if (matches(letter, query)) yield letter;
  }
}

interface PartitionRange {
  readonly topic: string;
  readonly partition: number;
  readonly start: number;
  readonly end: number;
}

async function* pagesForward(
  log: EventLog,
  { topic, partition, start, end }: PartitionRange,
): AsyncGenerator<readonly LogRecord[]> {
  for (let from = start; from < end;) {
    const page = await log.read(topic, { partition, from, limit: PAGE });
    const last = page.at(-1);
    if (last === undefined) return;
    yield page.filter(({ offset }) => offset < end);
    from = last.offset + 1;
  }
}

async function* pagesBackward(
  log: EventLog,
  { topic, partition, start, end }: PartitionRange,
): AsyncGenerator<readonly LogRecord[]> {
  for (let to = end; to > start; to -= PAGE) {
    const from = Math.max(to - PAGE, start);
    const page = await log.read(topic, { partition, from, limit: to - from });
    // Offsets may have gaps; what lies beyond was in the page before.
    yield page.filter(({ offset }) => offset < to).reverse();
  }
}

async function* letters(
  pages: AsyncGenerator<readonly LogRecord[]>,
  { partition, query, sinceMs = -Infinity }: {
    partition: number;
    query: LetterQuery;
    sinceMs: number | undefined;
  },
): AsyncGenerator<StoredDeadLetter> {
  for await (const page of pages) {
    const isOld = page.length > 0 && page.every(({ timestamp }) => timestamp < sinceMs - CLOCKS_MS);
    if (query.order === "newest" && isOld) return;
    for (const record of page) yield parseDeadLetter(record, partition);
  }
}

/** Merges streams that are each sorted by time, nearly. */
async function* mergeByTime(
  streams: readonly AsyncGenerator<StoredDeadLetter>[],
  order: LetterQuery["order"],
): AsyncGenerator<StoredDeadLetter> {
  const sign = order === "newest" ? -1 : 1;
  const heads = await Promise.all(
    streams.map(async (stream) => ({ stream, head: await stream.next() })),
  );
  while (true) {
    let first: (typeof heads)[number] | null = null;
    let firstMs = Infinity;
    for (const candidate of heads) {
      if (candidate.head.done) continue;
      const ms = sign * candidate.head.value.recordedMs;
      if (first === null || ms < firstMs) [first, firstMs] = [candidate, ms];
    }
    if (first === null || first.head.done) return;
    yield first.head.value;
    first.head = await first.stream.next();
  }
}

function sourceOf(headers: Readonly<Record<string, string>>): StoredDeadLetter["source"] {
  const { source_topic: topic } = headers;
  const partition = wholeNumber(headers.source_partition);
  const offset = wholeNumber(headers.source_offset);
  if (topic === undefined || partition === null || offset === null) return null;
  // What Kafka takes for a topic's name; anybody may have written the header.
  if (!/^[a-zA-Z0-9._-]{1,249}$/.test(topic)) return null;
  return partition > 2_147_483_647 ? null : { topic, partition, offset };
}

function wholeNumber(text: string | undefined): number | null {
  if (text === undefined || !/^\d{1,15}$/.test(text)) return null;
  return Number(text);
}
