/**
 * How long to wait before the next try.
 *
 * @module
 */

/** Ceiling of the first wait, in ms. */
export const FIRST_MS = 1_000;
/** Ceiling of any wait, in ms. */
export const LONGEST_MS = 60_000;

/**
 * Capped exponential backoff with full jitter: uniform in [0, min(60 s, 1 s · 2^failures)), so that
 * clients that lost a server together do not come back together.
 * Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 *
 * @example
 * ```ts
 * import { backoffMs } from "./backoff.ts";
 * if (backoffMs(50, () => 0.5) !== 30_000) throw new Error();
 * ```
 */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  return random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 30));
}
