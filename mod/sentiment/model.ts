/**
 * A trained model: hashed features, quantised weights, calibration; scores text.
 *
 * @module
 */
import { calibrated, type Calibration, sigmoid } from "./calibrate.ts";
import { decodeTable, type QuantisedWeights } from "./quantise.ts";
import type { Scorer } from "./scorer.ts";
import { inverseLength, tfTable, type Vectorizer, type Weighting } from "./vectorizer.ts";

/** The parts of a model. */
export interface ModelParts {
  /** Names the model and its training run. */
  readonly version: string;
  readonly vectorizer: Vectorizer;
  readonly weighting: Weighting;
  readonly weights: QuantisedWeights;
  readonly bias: number;
  readonly calibration: Calibration;
}

/**
 * A linear model over hashed features. Scoring depends on nothing but the text, so the stream and
 * the batch job get the same numbers.
 *
 * @example
 * ```ts
 * import { UNCALIBRATED } from "./calibrate.ts";
 * import { Model } from "./model.ts";
 * import { BEST } from "./presets.ts";
 * import { Featurizer } from "./features.ts";
 * const model = new Model({
 *   version: "empty", bias: 0, calibration: UNCALIBRATED,
 *   vectorizer: new Featurizer({ ...BEST.features, bits: 12 }), weighting: BEST.weighting,
 *   weights: { bits: 12, limit: 1, codes: new Int8Array(4096) },
 * });
 * if (model.score("anything") !== 0.5) throw new Error();
 * ```
 */
export class Model implements Scorer {
  readonly version: string;
  readonly parts: ModelParts;
  readonly #tf: Float64Array;
  readonly #decode: Float64Array;

  constructor(parts: ModelParts) {
    const { vectorizer, weights } = parts;
    if (weights.codes.length !== 2 ** vectorizer.bits) {
      throw new RangeError(
        `Cannot use ${weights.codes.length} weights with ${2 ** vectorizer.bits} buckets: ` +
          `train the model again`,
      );
    }
    this.version = parts.version;
    this.parts = parts;
    this.#tf = tfTable(parts.weighting);
    this.#decode = decodeTable(weights.limit);
  }

  /** Calibrated probability that `text` is positive, rounded to 6 decimals. */
  score(text: string): number {
    return this.probability(this.logit(text));
  }

  /** The calibrated probability of a logit, rounded to 6 decimals. */
  probability(logit: number): number {
    return Math.round(sigmoid(calibrated(logit, this.parts.calibration)) * 1e6) / 1e6;
  }

  /**
   * What each feature of `text` adds to the logit, in the order of the vectorizer's
   * buffers, which hold the text's features until the next call.
   */
  pushes(text: string): Float64Array {
    const { vectorizer, weighting, weights } = this.parts;
    vectorizer.read(text);
    const { buckets, counts, size, words } = vectorizer;
    const scale = (from: number, to: number): number =>
      weighting.normalize ? inverseLength(counts, { from, to, tf: this.#tf }) : 1;
    const wordScale = scale(0, words);
    const charScale = scale(words, size) * weighting.charWeight;
    return Float64Array.from({ length: size }, (_, i) => {
      const weight = this.#decode[(weights.codes[buckets[i] ?? 0] ?? 0) + 128] ?? 0;
      return weight * (this.#tf[counts[i] ?? 0] ?? 0) * (i < words ? wordScale : charScale);
    });
  }

  /** The uncalibrated logit of `text`. */
  logit(text: string): number {
    const { vectorizer, weighting, weights, bias } = this.parts;
    vectorizer.read(text);
    const { buckets, counts, size, words } = vectorizer;
    const codes = weights.codes;
    const [tf, decode] = [this.#tf, this.#decode];
    const sum = (from: number, to: number): number => {
      let total = 0;
      for (let i = from; i < to; i++) {
        total += (decode[(codes[buckets[i] ?? 0] ?? 0) + 128] ?? 0) * (tf[counts[i] ?? 0] ?? 0);
      }
      return weighting.normalize ? total * inverseLength(counts, { from, to, tf }) : total;
    };
    return bias + sum(0, words) + sum(words, size) * weighting.charWeight;
  }
}
