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

/** Rows to count, with their labels. */
export interface CounterOptions extends ScaleOptions {
  /** Probability that each row is positive. */
  readonly targets: ArrayLike<number>;
  /** Weight of each row; one of weight 0 counts for nothing. */
  readonly costs: ArrayLike<number>;
}

/**
 * Counts in how many rows each feature occurs, and in how many positive ones. Rows are counted in
 * order, each once, in as many stretches as one likes.
 *
 * @example
 * ```ts
 * import { FeatureCounter } from "./feature_scale.ts";
 * import { FeatureRows } from "./feature_rows.ts";
 * import { BEST } from "./presets.ts";
 * import { Featurizer } from "./features.ts";
 * const vectorizer = new Featurizer({ ...BEST.features, bits: 12 });
 * const rows = new FeatureRows(["good", "bad"], { vectorizer, weighting: BEST.weighting });
 * const counter = new FeatureCounter(rows, {
 *   targets: [1, 0], costs: [1, 1], idf: "smooth", naiveBayes: 0,
 * });
 * counter.count(0, 2);
 * if (counter.scale().length !== 4096) throw new Error();
 * ```
 */
export class FeatureCounter {
  readonly #rows: FeatureRows;
  readonly #options: CounterOptions;
  readonly #documents: Float32Array;
  readonly #positive: Float32Array;
  #n = 0;
  #positives = 0;

  constructor(rows: FeatureRows, options: CounterOptions) {
    this.#rows = rows;
    this.#options = options;
    this.#documents = new Float32Array(rows.width);
    this.#positive = new Float32Array(options.naiveBayes > 0 ? rows.width : 0);
  }

  /** Counts rows `from` to `to` (exclusive). */
  count(from: number, to: number): void {
    const { targets, costs, naiveBayes } = this.#options;
    const [documents, positive] = [this.#documents, this.#positive];
    for (let row = from; row < to; row++) {
      const buckets = this.#rows.count(row);
      if ((costs[row] ?? 0) === 0) continue;
      const target = targets[row] ?? 0;
      this.#n++;
      this.#positives += target;
      for (let i = 0; i < buckets.length; i++) {
        const bucket = buckets[i] ?? 0;
        documents[bucket] = (documents[bucket] ?? 0) + 1;
        if (naiveBayes > 0) positive[bucket] = (positive[bucket] ?? 0) + target;
      }
    }
  }

  /** The scale of each bucket; 0 where nothing was counted. */
  scale(): Float32Array {
    const { idf, naiveBayes } = this.#options;
    const [n, positives] = [this.#n, this.#positives];
    const prior = Math.log((positives + 1) / (n - positives + 1));
    const scale = new Float32Array(this.#rows.width);
    for (let j = 0; j < scale.length; j++) {
      const df = this.#documents[j] ?? 0;
      if (df === 0) continue;
      let value = Math.log((1 + n) / (1 + df)) + (idf === "smooth" ? 1 : 0);
      if (naiveBayes > 0) {
        const up = this.#positive[j] ?? 0;
        const ratio = Math.abs(Math.log((up + 1) / (df - up + 1)) - prior);
        value *= (ratio + 0.1) ** naiveBayes;
      }
      scale[j] = value;
    }
    return scale;
  }
}
