/**
 * Time as a port, so that tests need not wait.
 *
 * @module
 */
import { sleep } from "../async/waiting.ts";

/** What tells the time and waits. */
export interface Clock {
  /** Ms since the epoch. */
  now(): number;
  /** Waits; ends early, without an error, when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now(), sleep };
