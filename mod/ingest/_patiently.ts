import { backoffMs } from "./backoff.ts";
import type { Clock } from "./clock.ts";

/** How something is tried. */
export interface PatienceOptions {
  /** Whether it may succeed later; what may not is thrown. */
  readonly mayPass: (error: unknown) => boolean;
  /** Hears of the first failure alone: it is tried again until it works. */
  readonly onFirst: (error: unknown) => void;
  readonly clock: Clock;
  readonly random: (() => number) | undefined;
  readonly signal: AbortSignal;
}

/**
 * Tries until it succeeds, with capped backoff and jitter; null if the signal aborts first.
 *
 * @throws what may not pass
 */
export async function patiently<T>(
  work: () => Promise<T>,
  { mayPass, onFirst, clock, random, signal }: PatienceOptions,
): Promise<{ readonly value: T } | null> {
  for (let failures = 0; !signal.aborted;) {
    try {
      return { value: await work() };
    } catch (error) {
      if (signal.aborted) break;
      if (!mayPass(error)) throw error;
      if (failures++ === 0) onFirst(error);
      await clock.sleep(backoffMs(failures, random), signal);
    }
  }
  return null;
}
