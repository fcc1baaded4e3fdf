/**
 * Bootstrap intervals.
 *
 * @module
 */
import { ranked, type Scored } from "./metrics.ts";
import { seededRandom } from "./prng.ts";

/** The ends of an interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The 95% intervals of two measures. */
export interface Intervals {
  readonly auc: Interval;
  /** At threshold 0.5. */
  readonly accuracy: Interval;
}

/**
 * The 95% percentile intervals of AUC and accuracy over resamples of the rows (Efron and Tibshirani
 * 1993). The rows are sorted once: a resample is how many times each was drawn. Resamples without
 * one of the classes are left out.
 *
 * @example
 * ```ts
 * import { bootstrapIntervals } from "./bootstrap.ts";
 * const { accuracy } = bootstrapIntervals({ scores: [0.9, 0.1, 0.6, 0.4], labels: [1, 0, 0, 1] });
 * if (!(accuracy.low <= 0.5 && accuracy.high >= 0.5)) throw new Error();
 * ```
 */
export function bootstrapIntervals(
  scored: Scored,
  options: { readonly resamples?: number; readonly seed?: number } = {},
): Intervals {
  const { resamples = 200, seed = 1 } = options;
  const random = seededRandom(seed);
  const { order, scores, labels } = ranked(scored);
  const n = order.length;
  const drawn = new Uint32Array(n);
  const aucs: number[] = [];
  const accuracies: number[] = [];
  for (let resample = 0; resample < resamples; resample++) {
    drawn.fill(0);
    for (let i = 0; i < n; i++) {
      const row = Math.floor(random() * n);
      drawn[row] = (drawn[row] ?? 0) + 1;
    }
    // Pairs won by positives, ties counting half: rows with a lower score come first.
    let [negatives, positives, wins, right] = [0, 0, 0, 0];
    for (let i = 0; i < n;) {
      const score = scores[order[i] ?? 0] ?? 0;
      let [up, down] = [0, 0];
      for (; i < n && scores[order[i] ?? 0] === score; i++) {
        const row = order[i] ?? 0;
        if (labels[row] === 1) up += drawn[row] ?? 0;
        else down += drawn[row] ?? 0;
      }
      wins += up * (negatives + down / 2);
      positives += up;
      negatives += down;
      right += score >= 0.5 ? up : down;
    }
    if (positives > 0 && negatives > 0) aucs.push(wins / (positives * negatives));
    accuracies.push(right / n);
  }
  return { auc: middle95(aucs), accuracy: middle95(accuracies) };
}

function middle95(values: number[]): Interval {
  values.sort((a, b) => a - b);
  const at = (quantile: number): number =>
    values[Math.min(values.length - 1, Math.floor(quantile * values.length))] ?? NaN;
  return { low: at(0.025), high: at(0.975) };
}
