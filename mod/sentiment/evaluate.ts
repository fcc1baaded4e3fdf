/**
 * Everything that is measured of a model on labelled rows.
 *
 * @module
 */
import { bootstrapIntervals, type Interval } from "./bootstrap.ts";
import { expectedCalibrationError } from "./curves.ts";
import { ModelError } from "./errors.ts";
import {
  accuracy,
  auc,
  brier,
  type ClassScores,
  classScores,
  type Confusion,
  confusion,
  f1,
  logLoss,
  type Scored,
} from "./metrics.ts";

/** Measures of a model on one set of rows. Intervals are of 95%. */
export interface Evaluation {
  readonly rows: number;
  readonly auc: number;
  readonly aucInterval: Interval;
  readonly accuracy: number;
  readonly accuracyInterval: Interval;
  /** Weighted by the rows of each class. */
  readonly f1: number;
  readonly positive: ClassScores;
  readonly negative: ClassScores;
  readonly confusion: Confusion;
  /** Nats per row. */
  readonly logLoss: number;
  readonly brier: number;
  /** Expected calibration error over 10 bins. */
  readonly calibrationError: number;
}

/**
 * Measures probabilities against labels.
 *
 * @throws {ModelError} if there are no rows.
 *
 * @example
 * ```ts
 * import { evaluate } from "./evaluate.ts";
 * const report = evaluate({ scores: [0.9, 0.2, 0.7, 0.4], labels: [1, 0, 1, 0] });
 * if (report.auc !== 1 || report.accuracy !== 1) throw new Error();
 * ```
 */
export function evaluate(
  scored: Scored,
  options: { readonly resamples?: number; readonly seed?: number } = {},
): Evaluation {
  const rows = scored.scores.length;
  if (rows === 0) {
    throw new ModelError("Cannot evaluate 0 rows: the file needs positive or negative labels");
  }
  const { positive, negative } = classScores(scored);
  const intervals = bootstrapIntervals(scored, options);
  return {
    rows,
    auc: auc(scored),
    aucInterval: intervals.auc,
    accuracy: accuracy(scored),
    accuracyInterval: intervals.accuracy,
    f1: f1(scored),
    positive,
    negative,
    confusion: confusion(scored),
    logLoss: logLoss(scored),
    brier: brier(scored),
    calibrationError: expectedCalibrationError(scored),
  };
}

/**
 * The measures as lines for people; the last three are `AUC: …`, `Accuracy: …`, `F1: …`.
 *
 * @example
 * ```ts
 * import { evaluate, evaluationLines } from "./evaluate.ts";
 * const report = evaluate({ scores: [0.9, 0.2], labels: [1, 0] });
 * if (evaluationLines(report).at(-3) !== "AUC: 1.0000") throw new Error();
 * ```
 */
export function evaluationLines(report: Evaluation): string[] {
  const n = (value: number): string => value.toFixed(4);
  const within = ({ low, high }: Interval): string => `95% interval ${n(low)} to ${n(high)}`;
  const side = (name: string, scores: ClassScores): string =>
    `${name}: precision ${n(scores.precision)}, recall ${n(scores.recall)}, ` +
    `F1 ${n(scores.f1)}, ${scores.support} rows`;
  const { truePositive, falsePositive, trueNegative, falseNegative } = report.confusion;
  return [
    `Rows: ${report.rows}`,
    side("Positive", report.positive),
    side("Negative", report.negative),
    `Confusion: ${truePositive} true positive, ${falsePositive} false positive, ` +
    `${trueNegative} true negative, ${falseNegative} false negative`,
    `Log loss: ${n(report.logLoss)}`,
    `Brier score: ${n(report.brier)}`,
    `Expected calibration error: ${n(report.calibrationError)}`,
    `AUC ${within(report.aucInterval)}`,
    `Accuracy ${within(report.accuracyInterval)}`,
    `AUC: ${n(report.auc)}`,
    `Accuracy: ${n(report.accuracy)}`,
    `F1: ${n(report.f1)}`,
  ];
}
