/**
 * Logits → probabilities that mean what they say.
 *
 * @module
 */

/**
 * A monotone map of logits with a slope of its own on either side of 0:
 * calibrated logit = offset + above × softplus(z) − below × softplus(−z).
 * With above = below = slope it is Platt's slope × z + offset.
 */
export interface Calibration {
  /** Slope far above 0. */
  readonly above: number;
  /** Slope far below 0. */
  readonly below: number;
  readonly offset: number;
}

/** Leaves logits as they are. */
export const UNCALIBRATED: Calibration = { above: 1, below: 1, offset: 0 };

/**
 * The calibrated logit of `logit`.
 *
 * @example
 * ```ts
 * import { calibrated } from "./calibrate.ts";
 * const z = calibrated(0.7, { above: 2, below: 2, offset: 1 });
 * if (Math.abs(z - 2.4) > 1e-12) throw new Error();
 * ```
 */
export function calibrated(logit: number, calibration: Calibration): number {
  const { above, below, offset } = calibration;
  return offset + above * softplus(logit) - below * softplus(-logit);
}

/**
 * Platt scaling: a logistic regression of the labels on the logits of rows that the model was not
 * trained on, with Platt's smoothed targets (Platt 1999; Lin, Lin, Weng, "A note on Platt's
 * probabilistic outputs for support vector machines", 2007). Without both classes the logits are
 * left as they are.
 *
 * @example
 * ```ts
 * import { plattScaling } from "./calibrate.ts";
 * const { above, below } = plattScaling([-2, -1, 1, 2, -1, 1], [0, 0, 1, 1, 1, 0]);
 * if (!(above > 0 && above === below)) throw new Error();
 * ```
 */
export function plattScaling(logits: ArrayLike<number>, labels: ArrayLike<number>): Calibration {
  const fitted = fit([(z) => z, () => 1], { logits, labels });
  if (fitted === undefined) return UNCALIBRATED;
  const [slope = 1, offset = 0] = fitted;
  return { above: slope, below: slope, offset };
}

/**
 * Beta calibration: as {@link plattScaling}, with a slope for either tail (Kull, Silva Filho, Flach,
 * "Beta calibration", AISTATS 2017). Labels taken from emoticons are wrong more often among texts that look
 * negative; one slope can't show that. Falls back to Platt where a slope would not be positive.
 *
 * @example
 * ```ts
 * import { betaCalibration } from "./calibrate.ts";
 * const { above, below } = betaCalibration([-2, -1, 1, 2, -1, 1], [0, 0, 1, 1, 1, 0]);
 * if (!(above > 0 && below > 0)) throw new Error();
 * ```
 */
export function betaCalibration(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
): Calibration {
  const features = [softplus, (z: number) => -softplus(-z), () => 1];
  const fitted = fit(features, { logits, labels });
  if (fitted === undefined) return UNCALIBRATED;
  const [above = 0, below = 0, offset = 0] = fitted;
  return above > 0 && below > 0 ? { above, below, offset } : plattScaling(logits, labels);
}

/**
 * 1 / (1 + exp(-x)).
 *
 * @example
 * ```ts
 * import { sigmoid } from "./calibrate.ts";
 * if (sigmoid(0) !== 0.5) throw new Error();
 * ```
 */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** Logistic regression on a few features of the logit, by Newton's method with halved steps. */
function fit(
  features: readonly ((logit: number) => number)[],
  { logits, labels }: { readonly logits: ArrayLike<number>; readonly labels: ArrayLike<number> },
): number[] | undefined {
  let positives = 0;
  for (let i = 0; i < labels.length; i++) positives += labels[i] ?? 0;
  const negatives = labels.length - positives;
  if (positives === 0 || negatives === 0) return undefined;
  // Platt's targets: as if each class had been seen once more on the other side.
  const targets = [1 / (negatives + 2), (positives + 1) / (positives + 2)];
  const rows = Array.from({ length: logits.length }, (_, i) => ({
    x: features.map((feature) => feature(logits[i] ?? 0)),
    target: targets[labels[i] === 1 ? 1 : 0] ?? 0,
  }));
  const dot = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
  const lossOf = (at: readonly number[]): number =>
    rows.reduce((sum, { x, target }) => {
      const z = dot(x, at);
      return sum + softplus(z) - target * z;
    }, 0);
  // Slopes 1, offset 0.
  let best = features.map((_, i): number => i === features.length - 1 ? 0 : 1);
  let loss = lossOf(best);
  for (let step = 0; step < 50; step++) {
    const gradient = features.map((): number => 0);
    // The touch of ridge keeps the Hessian invertible.
    const hessian = features.map((_, i) => features.map((_, j): number => i === j ? 1e-9 : 0));
    for (const { x, target } of rows) {
      const p = sigmoid(dot(x, best));
      x.forEach((value, i) => {
        gradient[i] = (gradient[i] ?? 0) + (p - target) * value;
        const line = hessian[i];
        if (line === undefined) return;
        x.forEach((other, j) => line[j] = (line[j] ?? 0) + p * (1 - p) * value * other);
      });
    }
    const move = solve(hessian, gradient);
    let [size, nextLoss] = [1, Infinity];
    let next = best;
    for (; size > 1e-8; size /= 2) {
      next = best.map((value, i) => value - size * (move[i] ?? 0));
      nextLoss = lossOf(next);
      if (nextLoss <= loss) break;
    }
    if (!(nextLoss < loss - 1e-12 * rows.length)) break;
    [best, loss] = [next, nextLoss];
  }
  return best;
}

/** Solves a small linear system by Gaussian elimination with pivoting. */
function solve(matrix: readonly number[][], right: readonly number[]): number[] {
  const n = right.length;
  const rows = matrix.map((row, i) => [...row, right[i] ?? 0]);
  for (let column = 0; column < n; column++) {
    let largest = column;
    for (let i = column + 1; i < n; i++) {
      const size = Math.abs(rows[i]?.[column] ?? 0);
      if (size > Math.abs(rows[largest]?.[column] ?? 0)) largest = i;
    }
    [rows[column], rows[largest]] = [rows[largest] ?? [], rows[column] ?? []];
    const pivot = rows[column] ?? [];
    for (const row of rows) {
      if (row === pivot) continue;
      const factor = (row[column] ?? 0) / (pivot[column] ?? 1);
      for (let j = column; j <= n; j++) row[j] = (row[j] ?? 0) - factor * (pivot[j] ?? 0);
    }
  }
  return rows.map((row, i) => (row[n] ?? 0) / (row[i] ?? 1));
}
