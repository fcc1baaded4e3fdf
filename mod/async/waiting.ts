/**
 * Waiting that can be ended early.
 *
 * @module
 */

/**
 * Waits, or stops waiting when the signal aborts, without an error.
 *
 * @param ms how long, in ms
 * @example
 * ```ts
 * import { sleep } from "./waiting.ts";
 * await sleep(3_600_000, AbortSignal.abort());
 * ```
 */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });
}

/**
 * What a promise gives, or null if it takes longer or the signal aborts before.
 *
 * @throws what the promise rejects with, if it does so in time
 * @example
 * ```ts
 * import { within } from "./waiting.ts";
 * const inTime = await within(Promise.resolve(7), { ms: 1000 });
 * const never = await within(new Promise(() => {}), { ms: 1 });
 * if (inTime?.value !== 7 || never !== null) throw new Error();
 * ```
 */
export async function within<T>(
  promise: Promise<T>,
  { ms, signal }: { ms: number; signal?: AbortSignal },
): Promise<{ readonly value: T } | null> {
  const over = new AbortController();
  const signals = signal === undefined ? [over.signal] : [over.signal, signal];
  try {
    return await Promise.race([
      promise.then((value) => ({ value })),
      sleep(ms, AbortSignal.any(signals)).then(() => null),
    ]);
  } finally {
    over.abort();
    promise.catch(() => {});
  }
}

/**
 * Waits for a promise for a limited time, in ms; its outcome is dropped.
 *
 * @example
 * ```ts
 * import { settledWithin } from "./waiting.ts";
 * await settledWithin(Promise.reject(new Error("dropped")), 1000);
 * ```
 */
export async function settledWithin(promise: Promise<unknown>, ms: number): Promise<void> {
  await within(promise.catch(() => {}), { ms });
}

/**
 * Those who wait for something to happen, or for some time.
 *
 * @example
 * ```ts
 * import { Waiters } from "./waiting.ts";
 * const waiters = new Waiters();
 * const woken = waiters.wait(3_600_000, new AbortController().signal);
 * waiters.wake();
 * await woken;
 * ```
 */
export class Waiters {
  readonly #waiting = new Set<() => void>();

  /** Waits to be woken, for `ms`, or for the end, whichever comes first. */
  wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#waiting.add(done);
      signal.addEventListener("abort", done);
    });
  }

  /** It has happened: whoever waits goes on. */
  wake(): void {
    for (const done of this.#waiting) done();
  }
}
