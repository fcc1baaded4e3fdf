/**
 * Weights in one byte each. Most weights are small and few are large, so the code is the square
 * root of the weight's size: fine steps near zero, coarse ones far out.
 *
 * @module
 */

/** Weights as bytes: code c stands for sign(c) × (c / 127)² × limit. */
export interface QuantisedWeights {
  /** There are 2 to this power of them. */
  readonly bits: number;
  /** Size of the largest weight. */
  readonly limit: number;
  readonly codes: Int8Array<ArrayBuffer>;
}

/**
 * Rounds weights to bytes.
 *
 * @example
 * ```ts
 * import { decodeTable, quantise } from "./quantise.ts";
 * const { codes, limit } = quantise(Float32Array.of(0, -2, 0.5, 2));
 * if (codes.join() !== "0,-127,64,127" || limit !== 2) throw new Error();
 * if (decodeTable(limit)[-127 + 128] !== -2) throw new Error();
 * ```
 */
export function quantise(weights: Float32Array): QuantisedWeights {
  let limit = 0;
  for (const weight of weights) limit = Math.max(limit, Math.abs(weight));
  const codes = new Int8Array(weights.length);
  for (let i = 0; limit > 0 && i < weights.length; i++) {
    const weight = weights[i] ?? 0;
    codes[i] = Math.sign(weight) * Math.round(127 * Math.sqrt(Math.abs(weight) / limit));
  }
  return { bits: Math.log2(weights.length), limit, codes };
}

/**
 * The weight of each code c at index c + 128.
 *
 * @example
 * ```ts
 * import { decodeTable } from "./quantise.ts";
 * if (decodeTable(4)[127 + 128] !== 4 || decodeTable(4)[128] !== 0) throw new Error();
 * ```
 */
export function decodeTable(limit: number): Float64Array {
  return Float64Array.from({ length: 256 }, (_, i) => {
    const code = i - 128;
    return Math.sign(code) * (code / 127) ** 2 * limit;
  });
}
