/**
 * Logits → probabilities that mean what they say.
 *
 * @module
 */

/** p = sigmoid(slope × logit + offset). */
export interface Calibration {
  readonly slope: number;
  readonly offset: number;
}

/**
 * Platt scaling: a logistic regression of the labels on the logits of rows that the model was not
 * trained on, with Platt's smoothed targets, by Newton's method (Platt 1999; Lin, Lin, Weng, "A note
 * on Platt's probabilistic outputs for support vector machines", 2007). Without both classes
 * the logits are left as they are.
 *
 * @example
 * ```ts
 * import { plattScaling } from "./calibrate.ts";
 * const { slope } = plattScaling([-2, -1, 1, 2, -1, 1], [0, 0, 1, 1, 1, 0]);
 * if (!(slope > 0)) throw new Error();
 * ```
 */
export function plattScaling(logits: ArrayLike<number>, labels: ArrayLike<number>): Calibration {
  let positives = 0;
  for (let i = 0; i < labels.length; i++) positives += labels[i] ?? 0;
  const negatives = labels.length - positives;
  if (positives === 0 || negatives === 0) return { slope: 1, offset: 0 };
  const high = (positives + 1) / (positives + 2);
  const low = 1 / (negatives + 2);
  let [slope, offset] = [1, 0];
  let loss = total(slope, offset);
  for (let step = 0; step < 100; step++) {
    // Gradient and Hessian of the log loss, a touch of ridge keeping it invertible.
    let [ga, gb, haa, hab, hbb] = [0, 0, 1e-12, 0, 1e-12];
    for (let i = 0; i < logits.length; i++) {
      const z = logits[i] ?? 0;
      const p = sigmoid(slope * z + offset);
      const gap = p - (labels[i] === 1 ? high : low);
      const curve = p * (1 - p);
      ga += gap * z;
      gb += gap;
      haa += curve * z * z;
      hab += curve * z;
      hbb += curve;
    }
    const det = haa * hbb - hab * hab;
    if (Math.abs(ga) + Math.abs(gb) < 1e-8 * logits.length || !(det > 0)) break;
    const da = (hbb * ga - hab * gb) / det;
    const db = (haa * gb - hab * ga) / det;
    let size = 1;
    let next = total(slope - da, offset - db);
    while (next > loss && size > 1e-10) {
      size /= 2;
      next = total(slope - da * size, offset - db * size);
    }
    if (next > loss) break;
    slope -= da * size;
    offset -= db * size;
    loss = next;
  }
  return { slope, offset };

  function total(a: number, b: number): number {
    let sum = 0;
    for (let i = 0; i < logits.length; i++) {
      const z = a * (logits[i] ?? 0) + b;
      const target = labels[i] === 1 ? high : low;
      sum += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - target * z;
    }
    return sum;
  }
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
