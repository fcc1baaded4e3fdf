/**
 * ROC, precision–recall and reliability curves, for charts and notebooks.
 *
 * @module
 */
import { ranked, type Scored } from "./metrics.ts";

/** One point of a ROC curve. */
export interface RocPoint {
  /** Share of the negatives called positive. */
  readonly fpr: number;
  /** Share of the positives called positive. */
  readonly tpr: number;
  /** Rows at or above it are called positive; Infinity for the first point. */
  readonly threshold: number;
}

/** One point of a precision–recall curve. */
export interface PrPoint {
  readonly recall: number;
  readonly precision: number;
  readonly threshold: number;
}

/** One bin of a reliability diagram. */
export interface CalibrationBin {
  /** Mean predicted probability of the bin's rows. */
  readonly predicted: number;
  /** Share of them that are positive. */
  readonly observed: number;
  readonly count: number;
}

/**
 * ROC curve from (0, 0) to (1, 1), one point per different score (Fawcett 2006, algorithm 1).
 *
 * @example
 * ```ts
 * import { rocCurve } from "./curves.ts";
 * const points = rocCurve({ scores: [0.1, 0.4, 0.35, 0.8], labels: [0, 0, 1, 1] });
 * if (points.map((p) => p.tpr).join() !== "0,0.5,0.5,1,1") throw new Error();
 * ```
 */
export function rocCurve(scored: Scored): RocPoint[] {
  const steps = cumulative(scored);
  const last = steps.at(-1);
  return [
    { fpr: 0, tpr: 0, threshold: Infinity },
    ...steps.map((step) => ({
      fpr: step.falsePositives / (last?.falsePositives ?? 0),
      tpr: step.truePositives / (last?.truePositives ?? 0),
      threshold: step.threshold,
    })),
  ];
}

/**
 * Precision and recall at each different score, the highest first.
 *
 * @example
 * ```ts
 * import { prCurve } from "./curves.ts";
 * const points = prCurve({ scores: [0.9, 0.8], labels: [1, 0] });
 * if (points[1]?.precision !== 0.5 || points[0]?.recall !== 1) throw new Error();
 * ```
 */
export function prCurve(scored: Scored): PrPoint[] {
  const steps = cumulative(scored);
  const positives = steps.at(-1)?.truePositives ?? 0;
  return steps.map(({ truePositives, falsePositives, threshold }) => ({
    recall: truePositives / positives,
    precision: truePositives / (truePositives + falsePositives),
    threshold,
  }));
}

/**
 * Bins of equal width over [0, 1]; empty ones are left out.
 *
 * @example
 * ```ts
 * import { calibration } from "./curves.ts";
 * const [bin] = calibration({ scores: [0.72, 0.78], labels: [1, 0] }, 10);
 * if (bin?.observed !== 0.5 || bin.predicted !== 0.75) throw new Error();
 * ```
 */
export function calibration({ scores, labels }: Scored, bins = 10): CalibrationBin[] {
  const sums = Array.from({ length: bins }, () => ({ predicted: 0, observed: 0, count: 0 }));
  for (let i = 0; i < scores.length; i++) {
    const p = scores[i] ?? 0;
    const bin = sums[Math.min(bins - 1, Math.max(0, Math.floor(p * bins)))];
    if (bin === undefined) continue;
    bin.predicted += p;
    bin.observed += labels[i] ?? 0;
    bin.count++;
  }
  return sums.filter((bin) => bin.count > 0).map(({ predicted, observed, count }) => ({
    predicted: predicted / count,
    observed: observed / count,
    count,
  }));
}

/**
 * Expected calibration error: the mean gap between predicted and observed over the bins, weighted
 * by their rows (Naeini, Cooper, Hauskrecht 2015; bins of equal width).
 *
 * @example
 * ```ts
 * import { expectedCalibrationError } from "./curves.ts";
 * const ece = expectedCalibrationError({ scores: [0.75, 0.75], labels: [1, 0] });
 * if (ece !== 0.25) throw new Error();
 * ```
 */
export function expectedCalibrationError(scored: Scored, bins = 10): number {
  const all = scored.scores.length;
  return calibration(scored, bins)
    .reduce((sum, bin) => sum + Math.abs(bin.predicted - bin.observed) * bin.count / all, 0);
}

interface Step {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly threshold: number;
}

/** Positives and negatives at or above each different score, from the highest down. */
function cumulative(scored: Scored): Step[] {
  const { order, scores, labels } = ranked(scored);
  const steps: Step[] = [];
  let [truePositives, falsePositives] = [0, 0];
  for (let i = order.length - 1; i >= 0; i--) {
    const row = order[i] ?? 0;
    if (labels[row] === 1) truePositives++;
    else falsePositives++;
    const threshold = scores[row] ?? 0;
    if (i > 0 && scores[order[i - 1] ?? 0] === threshold) continue;
    steps.push({ truePositives, falsePositives, threshold });
  }
  return steps;
}
