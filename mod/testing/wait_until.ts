/** What {@linkcode waitUntil} needs. */
export interface WaitOptions {
  /** What is waited for, for the error's text: "the broker to start". */
  readonly what: string;
  /** Longest wait, in ms. */
  readonly timeoutMs: number;
  /**
   * Pause between two looks, in ms.
   *
   * @default {50}
   */
  readonly intervalMs?: number;
  /** Adds to the error what helps to find the cause, for example the end of a log. */
  readonly detail?: () => string | Promise<string>;
}

/** Something did not happen before its deadline. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
}

/**
 * Asks `check` again and again until it gives something other than `false` or `undefined`, and
 * returns that. What `check` throws ends the wait.
 *
 * @throws {DeadlineError} if the time is up.
 *
 * @example
 * ```ts
 * import { waitUntil } from "./wait_until.ts";
 * let looks = 0;
 * const third = await waitUntil(() => ++looks === 3 && looks, {
 *   what: "the third look",
 *   timeoutMs: 5_000,
 *   intervalMs: 1,
 * });
 * if (third !== 3) throw new Error("Unexpected look");
 * ```
 */
export async function waitUntil<T>(
  check: () => T | false | undefined | Promise<T | false | undefined>,
  options: WaitOptions,
): Promise<T> {
  const { what, timeoutMs, intervalMs = 50, detail } = options;
  const deadline = performance.now() + timeoutMs;
  while (true) {
    const found = await check();
    if (found !== false && found !== undefined) return found;
    if (performance.now() >= deadline) break;
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
  const extra = detail === undefined ? "" : `\n${await detail()}`;
  throw new DeadlineError(`Waited ${timeoutMs} ms for ${what}, in vain${extra}`);
}
