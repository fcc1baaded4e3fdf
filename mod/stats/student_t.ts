/**
 * Quantiles of Student's t distribution.
 *
 * @module
 */

/** 97.5 % quantile of the standard normal distribution. */
const Z = 1.959963984540054;

/** Exact values where the expansion is off by more than 1 %, from any table of the distribution. */
const SMALL: readonly number[] = [12.706204736, 4.302652730, 3.182446305];

/**
 * The factor that turns a standard error into the half width of a 95 % confidence interval.
 *
 * Formula: expansion of the t quantile around the normal one, Abramowitz and Stegun 1964, 26.7.5.
 *
 * @param degrees Degrees of freedom, at least 1.
 * @returns The 97.5 % quantile; within 1 % from 4 degrees on.
 * @throws {RangeError} If `degrees` is under 1 or no number.
 *
 * @example The textbook value for ten degrees of freedom
 * ```ts
 * import { studentT975 } from "./student_t.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(studentT975(10), 2.228, 0.001);
 * ```
 */
export function studentT975(degrees: number): number {
  if (!(degrees >= 1)) {
    throw new RangeError(`Cannot find a t quantile: degrees of freedom "${degrees}" is under 1`);
  }
  const small = SMALL[degrees - 1];
  if (small !== undefined) return small;
  const g1 = (Z ** 3 + Z) / 4;
  const g2 = (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / 96;
  const g3 = (3 * Z ** 7 + 19 * Z ** 5 + 17 * Z ** 3 - 15 * Z) / 384;
  return Z + g1 / degrees + g2 / degrees ** 2 + g3 / degrees ** 3;
}
