/**
 * Measures of a binary classifier. Scores and labels are parallel arrays; a label is 1 (positive)
 * or 0; a probability is that of the positive class. All agree with scikit-learn 1.9, ties included.
 *
 * @module
 */

/** Scores (any order-preserving number) or probabilities with their true labels, in parallel. */
export interface Scored {
  readonly scores: ArrayLike<number>;
  /** 0 or 1. */
  readonly labels: ArrayLike<number>;
}

/** Counts of the four outcomes at one threshold. */
export interface Confusion {
  readonly truePositive: number;
  readonly falsePositive: number;
  readonly trueNegative: number;
  readonly falseNegative: number;
}

/** Precision, recall and their harmonic mean, with how many rows the class has. */
export interface ClassScores {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly support: number;
}

/**
 * Area under the ROC curve: the chance that a positive row scores above a negative one, ties
 * counting half (Mann–Whitney U with mid-ranks; Fawcett 2006). NaN if a class is missing.
 *
 * @example
 * ```ts
 * import { auc } from "./metrics.ts";
 * if (auc({ scores: [0.1, 0.4, 0.35, 0.8], labels: [0, 0, 1, 1] }) !== 0.75) throw new Error();
 * ```
 */
export function auc(scored: Scored): number {
  const { order, scores, labels } = ranked(scored);
  let rankSum = 0;
  let positives = 0;
  for (let i = 0; i < order.length;) {
    const score = scores[order[i] ?? 0] ?? 0;
    let j = i;
    let here = 0;
    for (; j < order.length && scores[order[j] ?? 0] === score; j++) {
      here += labels[order[j] ?? 0] ?? 0;
    }
    rankSum += here * (i + j + 1) / 2;
    positives += here;
    i = j;
  }
  const negatives = order.length - positives;
  return (rankSum - positives * (positives + 1) / 2) / (positives * negatives);
}

/**
 * Counts outcomes, calling a row positive when its score is at or above `threshold`.
 *
 * @example
 * ```ts
 * import { confusion } from "./metrics.ts";
 * const counts = confusion({ scores: [0.5, 0.9, 0.2], labels: [0, 1, 1] }, 0.5);
 * if (counts.falsePositive !== 1 || counts.falseNegative !== 1) throw new Error();
 * ```
 */
export function confusion({ scores, labels }: Scored, threshold = 0.5): Confusion {
  let [truePositive, falsePositive, trueNegative, falseNegative] = [0, 0, 0, 0];
  for (let i = 0; i < scores.length; i++) {
    const said = (scores[i] ?? 0) >= threshold;
    const is = labels[i] === 1;
    if (said && is) truePositive++;
    else if (said) falsePositive++;
    else if (is) falseNegative++;
    else trueNegative++;
  }
  return { truePositive, falsePositive, trueNegative, falseNegative };
}

/**
 * Share of rows on the right side of `threshold`.
 *
 * @example
 * ```ts
 * import { accuracy } from "./metrics.ts";
 * if (accuracy({ scores: [0.9, 0.1, 0.6, 0.4], labels: [1, 0, 0, 1] }) !== 0.5) throw new Error();
 * ```
 */
export function accuracy(scored: Scored, threshold = 0.5): number {
  const { truePositive, trueNegative } = confusion(scored, threshold);
  return (truePositive + trueNegative) / scored.scores.length;
}

/**
 * Precision, recall and F1 of both classes. A ratio with nothing below the line is 0.
 *
 * @example
 * ```ts
 * import { classScores } from "./metrics.ts";
 * const { positive } = classScores({ scores: [0.9, 0.8, 0.1], labels: [1, 0, 1] });
 * if (positive.precision !== 0.5 || positive.recall !== 0.5) throw new Error();
 * ```
 */
export function classScores(
  scored: Scored,
  threshold = 0.5,
): { positive: ClassScores; negative: ClassScores } {
  const c = confusion(scored, threshold);
  return {
    positive: prf(c.truePositive, c.falsePositive, c.falseNegative),
    negative: prf(c.trueNegative, c.falseNegative, c.falsePositive),
  };
}

/**
 * F1 of the classes averaged by how many rows each has: what Spark's
 * MulticlassClassificationEvaluator calls f1.
 *
 * @example
 * ```ts
 * import { f1 } from "./metrics.ts";
 * if (f1({ scores: [0.9, 0.1], labels: [1, 0] }) !== 1) throw new Error();
 * ```
 */
export function f1(scored: Scored, threshold = 0.5): number {
  const { positive, negative } = classScores(scored, threshold);
  const all = positive.support + negative.support;
  return (positive.f1 * positive.support + negative.f1 * negative.support) / all;
}

/**
 * Mean negative log likelihood in nats; probabilities are kept 1e-15 away from 0 and 1.
 *
 * @example
 * ```ts
 * import { logLoss } from "./metrics.ts";
 * if (Math.abs(logLoss({ scores: [0.5, 0.5], labels: [0, 1] }) - Math.LN2) > 1e-12) throw new Error();
 * ```
 */
export function logLoss({ scores, labels }: Scored): number {
  let sum = 0;
  for (let i = 0; i < scores.length; i++) {
    const p = Math.min(1 - 1e-15, Math.max(1e-15, scores[i] ?? 0));
    sum -= Math.log(labels[i] === 1 ? p : 1 - p);
  }
  return sum / scores.length;
}

/**
 * Mean squared error of the probabilities (Brier 1950).
 *
 * @example
 * ```ts
 * import { brier } from "./metrics.ts";
 * if (brier({ scores: [0.5, 1], labels: [0, 1] }) !== 0.125) throw new Error();
 * ```
 */
export function brier({ scores, labels }: Scored): number {
  let sum = 0;
  for (let i = 0; i < scores.length; i++) sum += ((scores[i] ?? 0) - (labels[i] ?? 0)) ** 2;
  return sum / scores.length;
}

/** Indices in ascending order of score. */
export function ranked(scored: Scored): Scored & { order: Uint32Array } {
  const { scores, labels } = scored;
  if (scores.length !== labels.length) {
    throw new RangeError(
      `Cannot measure ${scores.length} scores against ${labels.length} labels: pass as many of each`,
    );
  }
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i);
  order.sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0));
  return { order, scores, labels };
}

function prf(truePositive: number, falsePositive: number, falseNegative: number): ClassScores {
  const ratio = (a: number, b: number): number => (b === 0 ? 0 : a / b);
  return {
    precision: ratio(truePositive, truePositive + falsePositive),
    recall: ratio(truePositive, truePositive + falseNegative),
    f1: ratio(2 * truePositive, 2 * truePositive + falsePositive + falseNegative),
    support: truePositive + falseNegative,
  };
}
