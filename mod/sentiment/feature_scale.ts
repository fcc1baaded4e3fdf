/**
 * How much each feature weighs before anything is learned about its sign: inverse document
 * frequency times a power of the naive-Bayes log-count ratio.
 *
 * @module
 */
import type { FeatureRows } from "./feature_rows.ts";

/** Which scaling to use. */
export interface ScaleOptions {
  /**
   * `smooth`: ln((1 + n) / (1 + df)) + 1, as scikit-learn has it; `spark`: ln((n + 1) / (df + 1)).
   */
  readonly idf: "smooth" | "spark";
  /**
   * Power of (|r| + 0.1), r being the naive-Bayes log-count ratio of Wang and Manning, "Baselines
   * and Bigrams", ACL 2012, over documents with add-one smoothing; 0 for none.
   */
  readonly naiveBayes: number;
}

/**
 * Counts every row of `rows` (in order) and returns the scale of each bucket. `targets[i]` is the
 * probability that row i is positive, `costs[i]` its weight; rows of cost 0 are counted but give
 * nothing.
 *
 * @example
 * ```ts
 * import { featureScale } from "./feature_scale.ts";
 * import { FeatureRows } from "./feature_rows.ts";
 * import { BEST } from "./presets.ts";
 * import { Featurizer } from "./features.ts";
 * const vectorizer = new Featurizer({ ...BEST.features, bits: 12 });
 * const rows = new FeatureRows(["good", "bad"], { vectorizer, weighting: BEST.weighting });
 * const scale = featureScale(rows, {
 *   targets: [1, 0], costs: [1, 1], idf: "smooth", naiveBayes: 0,
 * });
 * if (scale.length !== 4096) throw new Error();
 * ```
 */
export function featureScale(
  rows: FeatureRows,
  options: ScaleOptions & {
    readonly targets: ArrayLike<number>;
    readonly costs: ArrayLike<number>;
    /** Called after each row, with how many are done. */
    readonly onRow?: (done: number) => void;
  },
): Float32Array {
  const { targets, costs, idf, naiveBayes, onRow } = options;
  const documents = new Float32Array(rows.width);
  const positive = new Float32Array(naiveBayes > 0 ? rows.width : 0);
  let [n, positives] = [0, 0];
  for (let row = 0; row < rows.length; row++) {
    const buckets = rows.count(row);
    onRow?.(row + 1);
    if ((costs[row] ?? 0) === 0) continue;
    const target = targets[row] ?? 0;
    n++;
    positives += target;
    for (let i = 0; i < buckets.length; i++) {
      const bucket = buckets[i] ?? 0;
      documents[bucket] = (documents[bucket] ?? 0) + 1;
      if (naiveBayes > 0) positive[bucket] = (positive[bucket] ?? 0) + target;
    }
  }
  const prior = Math.log((positives + 1) / (n - positives + 1));
  const scale = new Float32Array(rows.width);
  for (let j = 0; j < scale.length; j++) {
    const df = documents[j] ?? 0;
    if (df === 0) continue;
    let value = Math.log((1 + n) / (1 + df)) + (idf === "smooth" ? 1 : 0);
    if (naiveBayes > 0) {
      const up = positive[j] ?? 0;
      const ratio = Math.abs(Math.log((up + 1) / (df - up + 1)) - prior);
      value *= (ratio + 0.1) ** naiveBayes;
    }
    scale[j] = value;
  }
  return scale;
}
