/**
 * What the pipeline should make of a recording, worked out from its raw lines by other means than
 * the pipeline's: in memory, line by line, without batches, deltas or SQL.
 *
 * @module
 */
import { scoredLanguage } from "../sentiment/language.ts";
import type { Scorer } from "../sentiment/scorer.ts";
import { type RawToot, readLine } from "./_recount_status.ts";

/** How the lines are read. */
export interface RecountOptions {
  readonly domain: string;
  readonly pseudonymKey: string;
  readonly partitions: number;
  readonly model: Scorer;
  readonly languages: readonly string[];
  /** When the lines arrived, in ms. */
  readonly arrivedMs: number;
}

/** A prediction. */
export interface ExpectedScore {
  readonly lang: string;
  /** Probability of positive, in millionths. */
  readonly micro: number;
  readonly label: "positive" | "neutral" | "negative";
}

/** A toot that should be stored. */
export interface ExpectedToot extends RawToot {
  readonly account: string;
  readonly isLate: boolean;
  readonly score: ExpectedScore | null;
}

/** What the summary should count. */
export interface ExpectedCounts {
  frames: number;
  toots: number;
  late: number;
  edits: number;
  stale: number;
  duplicates: number;
  copies: number;
  optedOut: number;
  notPublic: number;
  boosts: number;
  deadLetters: number;
}

/** All that follows from a recording. */
export interface Recounted {
  readonly counts: ExpectedCounts;
  readonly toots: readonly ExpectedToot[];
  /** Windows that end at or before this are final, in ms. */
  readonly finalUntilMs: number;
}

const WINDOW_MS = 60_000;
const GRACE_MS = 30_000;
const AHEAD_MS = 300_000;

/** Counts a recording. */
export async function recount(
  lines: readonly string[],
  options: RecountOptions,
): Promise<Recounted> {
  const { domain, partitions, arrivedMs } = options;
  const counts: ExpectedCounts = {
    frames: lines.length,
    toots: 0,
    late: 0,
    edits: 0,
    stale: 0,
    duplicates: 0,
    copies: 0,
    optedOut: 0,
    notPublic: 0,
    boosts: 0,
    deadLetters: 0,
  };
  const held = new Map<string, { toot: RawToot; isLate: boolean }>();
  const uris = new Set<string>();
  const newest = new Map<bigint, number>();
  for (const line of lines) {
    const read = readLine(line, domain);
    if (read.kind !== "toot") counts[read.kind]++;
    else if (read.toot.createdMs - arrivedMs > AHEAD_MS) counts.deadLetters++;
    else {
      const { toot } = read;
      const partition = partitionOf(toot.id, partitions);
      const watermark = (newest.get(partition) ?? -Infinity) - GRACE_MS;
      newest.set(partition, Math.max(newest.get(partition) ?? -Infinity, toot.createdMs));
      const before = held.get(toot.id);
      if (before === undefined) {
        if (uris.has(toot.uri)) {
          counts.copies++;
          continue;
        }
        uris.add(toot.uri);
        const isLate = minuteOf(toot.createdMs) + WINDOW_MS <= watermark;
        counts.toots++;
        if (isLate) counts.late++;
        held.set(toot.id, { toot, isLate });
      } else if (toot.editedMs === before.toot.editedMs) {
        counts.duplicates++;
      } else if ((toot.editedMs ?? -1) > (before.toot.editedMs ?? -1)) {
        counts.edits++;
        held.set(toot.id, { toot, isLate: before.isLate });
      } else {
        counts.stale++;
      }
    }
  }
  const toots: ExpectedToot[] = [];
  for (const { toot, isLate } of held.values()) {
    const account = await pseudonym(toot.author, options.pseudonymKey);
    toots.push({ ...toot, account, isLate, score: scoreOf(toot, options) });
  }
  const finalUntilMs = minuteOf(Math.max(...newest.values()) - GRACE_MS);
  return { counts, toots, finalUntilMs };
}

/** Start of a minute, by the digits of ISO 8601 rather than by division. */
export function minuteOf(ms: number): number {
  return Date.parse(`${new Date(ms).toISOString().slice(0, 16)}:00.000Z`);
}

/** FNV-1a with 32 bits over UTF-16 units, in big integers. */
function partitionOf(key: string, partitions: number): bigint {
  let hash = 2_166_136_261n;
  for (let i = 0; i < key.length; i++) {
    hash = ((hash ^ BigInt(key.charCodeAt(i))) * 16_777_619n) % 4_294_967_296n;
  }
  return hash % BigInt(partitions);
}

async function pseudonym(address: string, key: string): Promise<string> {
  const encoder = new TextEncoder();
  const imported = await crypto.subtle.importKey(
    "raw",
    encoder.encode(key),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const hash = await crypto.subtle.sign("HMAC", imported, encoder.encode(address));
  return btoa(String.fromCharCode(...new Uint8Array(hash, 0, 16)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function scoreOf(
  { text, lang }: RawToot,
  { model, languages }: RecountOptions,
): ExpectedScore | null {
  const declared = lang.replace(/-.*/, "");
  const code = declared === "und" ? scoredLanguage(null, text) : declared;
  if (text === "" || !languages.includes(code)) return null;
  const probability = model.score(text);
  const label = probability >= 0.55 ? "positive" : probability > 0.45 ? "neutral" : "negative";
  return { lang: code, micro: Math.round(probability * 1e6), label };
}
