/**
 * Bootstrap intervals.
 *
 * @module
 */
import type { Scored } from "./metrics.ts";
import { seededRandom } from "./prng.ts";

/** The ends of an interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * The 95% percentile interval of a measure over resamples of the rows (Efron and Tibshirani 1993).
 * Resamples on which the measure is not defined are left out.
 *
 * @example
 * ```ts
 * import { bootstrapInterval } from "./bootstrap.ts";
 * import { accuracy } from "./metrics.ts";
 * const scored = { scores: [0.9, 0.1, 0.6, 0.4], labels: [1, 0, 0, 1] };
 * const { low, high } = bootstrapInterval(scored, (drawn) => accuracy(drawn), { seed: 1 });
 * if (!(low <= 0.5 && high >= 0.5)) throw new Error();
 * ```
 */
export function bootstrapInterval(
  scored: Scored,
  measure: (scored: Scored) => number,
  options: { readonly resamples?: number; readonly seed?: number } = {},
): Interval {
  const { resamples = 200, seed = 1 } = options;
  const random = seededRandom(seed);
  const n = scored.scores.length;
  const scores = new Float64Array(n);
  const labels = new Uint8Array(n);
  const values: number[] = [];
  for (let resample = 0; resample < resamples; resample++) {
    for (let i = 0; i < n; i++) {
      const drawn = Math.floor(random() * n);
      scores[i] = scored.scores[drawn] ?? 0;
      labels[i] = scored.labels[drawn] ?? 0;
    }
    const value = measure({ scores, labels });
    if (!Number.isNaN(value)) values.push(value);
  }
  values.sort((a, b) => a - b);
  const at = (quantile: number): number =>
    values[Math.min(values.length - 1, Math.floor(quantile * values.length))] ?? NaN;
  return { low: at(0.025), high: at(0.975) };
}
