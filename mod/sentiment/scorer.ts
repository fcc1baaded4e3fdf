/**
 * What the stream and the batch job need of a sentiment model.
 *
 * @module
 */

/** A loaded model that scores text. */
export interface Scorer {
  /** Identifies the model and its training run; stored with each prediction. */
  readonly version: string;
  /**
   * Calibrated probability in [0, 1] that `text` (plain text, not HTML) is positive, rounded to
   * 6 decimals so that sums of it are exact in whatever order they are taken.
   */
  score(text: string): number;
}

/** The label of a probability. */
export type Label = "positive" | "neutral" | "negative";

/** Where neutral begins and ends. */
export interface Thresholds {
  /** At or below: negative. */
  readonly low: number;
  /** At or above: positive. */
  readonly high: number;
}

/**
 * Labels a probability: positive at or above `high`, negative at or below `low`, else neutral.
 *
 * @example
 * ```ts
 * import { labelOf } from "./scorer.ts";
 * if (labelOf(0.55, { low: 0.45, high: 0.55 }) !== "positive") throw new Error();
 * if (labelOf(0.5, { low: 0.45, high: 0.55 }) !== "neutral") throw new Error();
 * ```
 */
export function labelOf(probability: number, thresholds: Thresholds): Label {
  if (probability >= thresholds.high) return "positive";
  if (probability <= thresholds.low) return "negative";
  return "neutral";
}
