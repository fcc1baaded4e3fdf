/**
 * What a batch changes in the windows: integer sums, so that additions in any order agree.
 *
 * @module
 */
import type { Contribution, Score } from "./toot_state.ts";
import { windowStart } from "./window.ts";

/** Change of a length window. */
export interface LengthDelta {
  toots: number;
  length: number;
}

/** Change of a sentiment window; probabilities in millionths. */
export interface SentimentDelta {
  scored: number;
  positive: number;
  negative: number;
  neutral: number;
  probMicro: number;
}

/** Deltas of one kind of window, by window start (ms) and then by language or author. */
export type DeltaMap<D> = Map<number, Map<string, D>>;

/** Millionths per unit of probability: what {@linkcode Score.probability} is rounded to. */
const MICRO = 1_000_000;

/**
 * Collects what toots add to and take from their windows.
 *
 * @example
 * ```ts
 * import { WindowDeltas } from "./deltas.ts";
 * const deltas = new WindowDeltas(60_000);
 * deltas.add({ createdMs: 61_000, lang: "en", accountId: "a", length: 5, score: null }, 1);
 * if (deltas.byLang.get(60_000)?.get("en")?.toots !== 1) throw new Error();
 * ```
 */
export class WindowDeltas {
  readonly byLang: DeltaMap<LengthDelta> = new Map();
  readonly byAuthor: DeltaMap<LengthDelta> = new Map();
  readonly sentiment: DeltaMap<SentimentDelta> = new Map();
  readonly #sizeMs: number;

  constructor(sizeMs: number) {
    this.#sizeMs = sizeMs;
  }

  /** Counts a toot in (`sign` 1) or out (`sign` -1). */
  add(toot: Contribution, sign: 1 | -1): void {
    const start = windowStart(toot.createdMs, this.#sizeMs);
    addLength(this.byLang, { start, name: toot.lang, length: toot.length, sign });
    addLength(this.byAuthor, { start, name: toot.accountId, length: toot.length, sign });
    if (toot.score !== null) this.addScore(toot.createdMs, { score: toot.score, sign });
  }

  /** Counts a prediction alone in or out, for a job that scores toots already counted. */
  addScore(createdMs: number, { score, sign }: { score: Score; sign: 1 | -1 }): void {
    const start = windowStart(createdMs, this.#sizeMs);
    const delta = entry(this.sentiment, {
      start,
      name: score.lang,
      make: () => ({ scored: 0, positive: 0, negative: 0, neutral: 0, probMicro: 0 }),
    });
    delta.scored += sign;
    delta[score.label] += sign;
    delta.probMicro += sign * Math.round(score.probability * MICRO);
  }
}

function addLength(
  map: DeltaMap<LengthDelta>,
  { start, name, length, sign }: { start: number; name: string; length: number; sign: 1 | -1 },
): void {
  const delta = entry(map, { start, name, make: () => ({ toots: 0, length: 0 }) });
  delta.toots += sign;
  delta.length += sign * length;
}

function entry<D>(
  map: DeltaMap<D>,
  { start, name, make }: { start: number; name: string; make: () => D },
): D {
  let names = map.get(start);
  if (names === undefined) map.set(start, names = new Map());
  let delta = names.get(name);
  if (delta === undefined) names.set(name, delta = make());
  return delta;
}
