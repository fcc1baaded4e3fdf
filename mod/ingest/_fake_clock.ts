/**
 * A clock for tests: it moves only when everybody waits, and then to whoever is due first.
 *
 * @module
 */
import type { Clock } from "./clock.ts";

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

export class FakeClock implements Clock {
  #now: number;
  #sleepers: Sleeper[] = [];
  /** How long each sleep was asked to be, in ms. */
  readonly asked: number[] = [];

  constructor(now = 1_800_000_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    this.asked.push(ms);
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper = {
        due: this.#now + ms,
        wake: () => {
          signal.removeEventListener("abort", sleeper.wake);
          this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
          resolve();
        },
      };
      signal.addEventListener("abort", sleeper.wake);
      this.#sleepers.push(sleeper);
    });
  }

  /** Lets time pass, waking sleepers in the order in which they are due. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      await settle();
      const next = this.#sleepers.toSorted((a, b) => a.due - b.due)[0];
      if (next === undefined || next.due > until) break;
      this.#now = Math.max(this.#now, next.due);
      next.wake();
    }
    this.#now = until;
  }

  /** Lets time pass until something has happened; fails after a simulated month. */
  async advanceUntil(happened: () => boolean): Promise<void> {
    const end = this.#now + 30 * 86_400_000;
    for (await settle(); !happened(); await settle()) {
      const next = this.#sleepers.toSorted((a, b) => a.due - b.due)[0];
      if (next === undefined || next.due > end) throw new Error(`Waited in vain for ${happened}`);
      this.#now = Math.max(this.#now, next.due);
      next.wake();
    }
  }
}

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 30; i++) await Promise.resolve();
}
