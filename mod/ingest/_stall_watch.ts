/**
 * Notices that nothing is heard.
 *
 * @module
 */
import type { Clock } from "./clock.ts";

/** Watches one connection; resolves to true when nothing was heard for too long. */
export class StallWatch {
  readonly #clock: Clock;
  #limitMs: number;
  #heardAt: number;
  #wake = new AbortController();

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#heardAt = clock.now();
  }

  /** How long nothing may be heard, in ms. */
  get limitMs(): number {
    return this.#limitMs;
  }

  /** Something was heard. */
  heard(): void {
    this.#heardAt = this.#clock.now();
  }

  /** From now on silence may last so long. */
  limit(limitMs: number): void {
    this.#limitMs = limitMs;
    this.#wake.abort();
    this.#wake = new AbortController();
  }

  /** Resolves to true at a stall, to false when the signal aborts. */
  async stalled(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      const restMs = this.#heardAt + this.#limitMs - this.#clock.now();
      if (restMs <= 0) return true;
      await this.#clock.sleep(restMs, AbortSignal.any([signal, this.#wake.signal]));
    }
    return false;
  }
}
