/**
 * Dead letters as `deno task errors` shows them. Everything in a letter may be hostile.
 *
 * @module
 */
import type { StoredDeadLetter } from "./dead_letter_reader.ts";
import { escapeText, safeJson, shortened } from "./escape_text.ts";
import type { ReplayReport } from "./dead_letter_replay.ts";
import type { ReplayState } from "./replayed_letters.ts";

/** Characters of a payload and of other texts that are shown. */
const PAYLOAD_CHARS = 160;
const TEXT_CHARS = 200;
/** Bytes of a payload that are looked at to show its beginning. */
const PAYLOAD_BYTES = PAYLOAD_CHARS * 4;

const lenient = new TextDecoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const STATE_NOTES: Readonly<Record<ReplayState, string>> = {
  new: "",
  unsure: ", replay was cut off",
  fed: ", replayed",
};

/**
 * A letter in two lines: what became of it, and the beginning of its payload.
 *
 * @example
 * ```ts
 * import { letterLines } from "./dead_letter_list.ts";
 * const [head] = letterLines({
 *   place: { partition: 0, offset: 7 }, recordedMs: 0, stage: "ingest", reason: "Malformed JSON",
 *   attempt: 1, firstSeenMs: 0, source: null, instance: "a.example", cutFromBytes: null, key: null,
 *   payload: new TextEncoder().encode("{"),
 * }, "new");
 * if (head !== "1970-01-01T00:00:00.000Z  ingest  Malformed JSON  (from a.example)") throw new Error(head);
 * ```
 */
export function letterLines(letter: StoredDeadLetter, state: ReplayState): string[] {
  const { source, instance, attempt, payload } = letter;
  const notes = source !== null
    ? `at ${source.topic}/${source.partition}@${source.offset}`
    : instance !== null
    ? `from ${shown(instance)}`
    : `at offset ${letter.place.offset}`;
  const tries = attempt > 1 ? `, attempt ${attempt}` : "";
  const head = [timeOf(letter.recordedMs), letter.stage ?? "?", shown(letter.reason)].join("  ");
  const bytes = letter.cutFromBytes ?? payload.length;
  const start = lenient.decode(payload.subarray(0, PAYLOAD_BYTES));
  const text = escapeText(shortened(start, PAYLOAD_CHARS).replace(/… \(\d+ more\)$/, "…"));
  const size = payload.length > PAYLOAD_BYTES || text.endsWith("…") ? `  (${bytes} bytes)` : "";
  return [`${head}  (${notes}${tries}${STATE_NOTES[state]})`, `    ${text}${size}`];
}

/** A letter as a line of JSON, its payload whole: as text, or in base64 if it is not UTF-8. */
export function letterJson(letter: StoredDeadLetter, state: ReplayState): string {
  const { place, recordedMs, firstSeenMs, payload, cutFromBytes, ...rest } = letter;
  return safeJson({
    ...place,
    recorded_at: timeOf(recordedMs),
    first_seen: firstSeenMs === null ? null : timeOf(firstSeenMs),
    ...rest,
    replay: state,
    cut_from_bytes: cutFromBytes,
    ...payloadOf(payload),
  });
}

/** What a replay came to, in lines. */
export function replayLines(report: ReplayReport): string[] {
  const lines = [`Fed again: ${report.fed}`];
  if (report.fedBefore > 0) lines.push(`Fed by a replay before: ${report.fedBefore}`);
  if (report.unsure > 0) {
    lines.push(`Left unsure by a replay that was cut off: ${report.unsure} (--again feeds them)`);
  }
  const counts = (title: string, map: ReadonlyMap<string, number>) =>
    [...map].sort(([, a], [, b]) => b - a).map(([why, n]) => `${title}: ${n}  ${shown(why)}`);
  return [
    ...lines,
    ...counts("Still refused", report.refused),
    ...counts("Not to be collected", report.skipped),
  ];
}

function timeOf(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? "?" : date.toISOString();
}

function shown(text: string): string {
  return escapeText(shortened(text, TEXT_CHARS));
}

function payloadOf(payload: Uint8Array): { payload: string } | { payload_base64: string } {
  try {
    return { payload: strict.decode(payload) };
  } catch {
    return { payload_base64: payload.toBase64() };
  }
}
