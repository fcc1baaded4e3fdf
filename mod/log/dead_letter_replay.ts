/**
 * Feeds dead letters again, after what refused them was mended.
 *
 * Each letter is claimed in the database before it is appended and confirmed after: it is fed once,
 * whoever else replays at the same time. A run that is cut off in between leaves its last letters
 * unsure; they are fed again only when asked for. Either way nothing is counted twice: an event that
 * comes twice changes no table.
 *
 * @module
 */
import type { Sql } from "../db/database.ts";
import { parseFrame } from "../mastodon/frame.ts";
import { normalizeFrame, type NormalizeRules } from "../mastodon/normalize.ts";
import { encodeEvent } from "../mastodon/wire.ts";
import {
  type LetterFilter,
  type LetterId,
  letterId,
  readDeadLetters,
  type StoredDeadLetter,
} from "./dead_letter_reader.ts";
import type { EventLog, NewRecord } from "./event_log.ts";
import { RecordTooLargeError } from "./log_errors.ts";
import {
  claimLetters,
  confirmLetters,
  letterKey,
  releaseLetters,
  replayStates,
} from "./replayed_letters.ts";

/** What a replay works with. */
export interface ReplayOptions {
  readonly log: EventLog;
  readonly sql: Sql;
  readonly topic: string;
  readonly errorTopic: string;
  /** How the frames that ingest refused become events. */
  readonly rules: Omit<NormalizeRules, "instance">;
  readonly filter: LetterFilter;
  /** Most letters that are fed. */
  readonly limit?: number;
  /** Feed those too that were fed before or left unsure. @default {false} */
  readonly again?: boolean;
  /** Ends the replay after the letters in hand. */
  readonly signal?: AbortSignal;
  /** Hears how many letters were looked at. */
  readonly onProgress?: (looked: number) => void;
}

/** What became of the letters that were looked at. */
export interface ReplayReport {
  /** Appended to the main topic. */
  fed: number;
  /** Fed by a replay before. */
  fedBefore: number;
  /** Left by a replay that was cut off; in the log or not. */
  unsure: number;
  /** Refused again, by reason: they stay where they are. */
  readonly refused: Map<string, number>;
  /** Well-formed now, but not to be collected (a boost, an opt-out), by reason. */
  readonly skipped: Map<string, number>;
}

/** Letters handled together. */
const CHUNK = 64;

/** A letter on its way back. */
interface Renewed {
  readonly id: LetterId;
  readonly record: NewRecord;
}

/**
 * Feeds the matching letters again, oldest first.
 *
 * - What the stream refused is appended as it was, under its key. Still bad, it comes back as a new
 *   letter whose attempt is one higher.
 * - What ingest refused is normalized as if it came from the server now, opt-outs included. Still
 *   bad, it stays.
 *
 * @throws {MissingTopicError} if a topic does not exist
 */
export async function replayDeadLetters(options: ReplayOptions): Promise<ReplayReport> {
  const { log, errorTopic, filter, limit = Infinity, signal, onProgress } = options;
  const report: ReplayReport = {
    fed: 0,
    fedBefore: 0,
    unsure: 0,
    refused: new Map(),
    skipped: new Map(),
  };
  let chunk: Renewed[] = [];
  let looked = 0;
  for await (const letter of readDeadLetters(log, errorTopic, { ...filter, order: "oldest" })) {
    if (signal?.aborted || report.fed >= limit) break;
    onProgress?.(++looked);
    const renewed = renew(letter, { options, report });
    if (renewed !== null) chunk.push(renewed);
    if (chunk.length < Math.min(CHUNK, limit - report.fed)) continue;
    await feed(chunk, { options, report });
    chunk = [];
  }
  await feed(chunk.slice(0, limit - report.fed), { options, report });
  return report;
}

interface Run {
  readonly options: ReplayOptions;
  readonly report: ReplayReport;
}

/** The record that a letter becomes; null if there is none, which is counted. */
function renew(letter: StoredDeadLetter, { options, report }: Run): Renewed | null {
  const { errorTopic, topic, rules } = options;
  const headers = { attempt: String(letter.attempt) };
  const id = letterId(letter, errorTopic);
  if (letter.cutFromBytes !== null) return refuse("Payload was cut off", report);
  if (letter.stage === "stream") {
    if (letter.source?.topic !== topic) return refuse("Refused in another topic", report);
    return { id, record: { key: letter.key, value: letter.payload, headers } };
  }
  if (letter.stage === null) return refuse("Not a dead letter of ours", report);
  if (letter.instance === null) return refuse("Its server is not known", report);
  const text = decodeText(letter.payload);
  const frame = text === null ? parseFrame(letter.payload) : parseFrame(text);
  if (frame.kind === "malformed") return refuse(frame.reason, report);
  if (frame.kind === "error") return refuse("An error of the server", report);
  const outcome = normalizeFrame(frame, { ...rules, instance: letter.instance });
  switch (outcome.kind) {
    case "refuse":
      return refuse(outcome.reason, report);
    case "skip":
      bump(report.skipped, outcome.reason);
      return null;
    case "event": {
      const { event } = outcome;
      return { id, record: { key: event.id, value: encodeEvent(event), headers } };
    }
  }
}

async function feed(chunk: readonly Renewed[], { options, report }: Run): Promise<void> {
  const { sql, again = false } = options;
  if (chunk.length === 0) return;
  const ids = chunk.map(({ id }) => id);
  const states = again ? new Map() : await replayStates(sql, ids);
  const claimed = await claimLetters(sql, ids, { again });
  const ours = chunk.filter(({ id }) => claimed.has(letterKey(id)));
  for (const { id } of chunk) {
    if (claimed.has(letterKey(id))) continue;
    // Neither ours nor known before: another replay has just taken it.
    if (states.get(letterKey(id)) === "unsure") report.unsure++;
    else report.fedBefore++;
  }
  if (ours.length === 0) return;
  await append(ours, { options, report });
}

async function append(letters: readonly Renewed[], run: Run): Promise<void> {
  const { log, sql, topic, again = false } = run.options;
  const ids = letters.map(({ id }) => id);
  try {
    await log.append(topic, letters.map(({ record }) => record));
  } catch (error) {
    if (!(error instanceof RecordTooLargeError) || letters.length === 1) {
      // Those of an earlier replay stay unsure.
      if (!again) await releaseLetters(sql, ids);
      if (!(error instanceof RecordTooLargeError)) throw error;
      refuse("Larger than the topic takes", run.report);
      return;
    }
    for (const letter of letters) await append([letter], run);
    return;
  }
  await confirmLetters(sql, ids);
  run.report.fed += letters.length;
}

function refuse(reason: string, report: ReplayReport): null {
  bump(report.refused, reason);
  return null;
}

function bump(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Null if it is not UTF-8: then it was no text when it came. */
function decodeText(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes);
  } catch {
    return null;
  }
}
