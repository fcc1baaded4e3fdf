/**
 * What the solver and a model need of a feature extractor.
 *
 * @module
 */

/**
 * Counts the features of one text after another into buffers of its own: feature `buckets[i]`
 * occurs `counts[i]` times, i < `size`; the first `words` of them are words (n-grams of words).
 */
export interface Vectorizer {
  readonly buckets: Uint32Array;
  readonly counts: Uint8Array;
  readonly size: number;
  readonly words: number;
  /** Number of buckets is 2 to this power. */
  readonly bits: number;
  /** Counts the features of `text`; the buffers hold them until the next call. */
  read(text: string): void;
  /** The tokens of that text, for people. */
  tokens(): string[];
  /** What feature `index` of that text is, for people. */
  describe(index: number): FeatureName;
}

/** A feature as people can read it. */
export interface FeatureName {
  readonly kind: "word" | "char";
  /** The n-gram where it first occurs; a word in the scope of a negation begins with `¬`. */
  readonly text: string;
  /** The tokens that it touches there: from, and to (exclusive). */
  readonly tokens: readonly [number, number];
}

/** How counts become values: `tf(count) × blockScale × featureScale[bucket]`. */
export interface Weighting {
  /** tf = 1 + ln(count) (Manning, Raghavan, Schütze 2008, 6.4.1) instead of count. */
  readonly sublinear: boolean;
  /** Words and characters each divided by their Euclidean length. */
  readonly normalize: boolean;
  /** What characters weigh beside words. */
  readonly charWeight: number;
}

/**
 * The value of each count, 0–255.
 *
 * @example
 * ```ts
 * import { tfTable } from "./vectorizer.ts";
 * if (tfTable({ sublinear: true, normalize: true, charWeight: 1 })[1] !== 1) throw new Error();
 * ```
 */
export function tfTable(weighting: Weighting): Float64Array {
  return Float64Array.from({ length: 256 }, (_, count) => {
    if (count === 0) return 0;
    return weighting.sublinear ? 1 + Math.log(count) : count;
  });
}

/**
 * One over the Euclidean length of counts `from` to `to`, or 0 if there are none.
 *
 * @example
 * ```ts
 * import { inverseLength, tfTable } from "./vectorizer.ts";
 * const tf = tfTable({ sublinear: false, normalize: true, charWeight: 1 });
 * if (inverseLength(Uint8Array.of(3, 4), { from: 0, to: 2, tf }) !== 0.2) throw new Error();
 * ```
 */
export function inverseLength(
  counts: Uint8Array,
  range: { readonly from: number; readonly to: number; readonly tf: Float64Array },
): number {
  let sum = 0;
  for (let i = range.from; i < range.to; i++) sum += (range.tf[counts[i] ?? 0] ?? 0) ** 2;
  return sum > 0 ? 1 / Math.sqrt(sum) : 0;
}
