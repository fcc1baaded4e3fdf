import type { BatchGate } from "./_batch_gate.ts";
import { settledWithin } from "../async/waiting.ts";

/** A tick may be late by so many intervals before batches are held up for it. */
const PATIENCE = 5;
const STOP_MS = 5000;

/**
 * Ticks at least every interval while nothing runs behind the gate. Under constant load a tick is
 * given its turn after five intervals: to empty a full pipeline each time would cost a tenth of the
 * rate.
 */
export class Ticker implements AsyncDisposable {
  readonly #gate: BatchGate;
  readonly #tick: () => Promise<void>;
  readonly #intervalMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last = performance.now();
  #stopped = false;
  #current: Promise<void> = Promise.resolve();

  constructor(
    gate: BatchGate,
    { intervalMs, tick }: { intervalMs: number; tick: () => Promise<void> },
  ) {
    this.#gate = gate;
    this.#tick = tick;
    this.#intervalMs = intervalMs;
    this.#schedule(intervalMs);
  }

  /** Stops; a tick under way is given some time. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await settledWithin(this.#current, STOP_MS);
  }

  #schedule(ms: number): void {
    if (!this.#stopped) this.#timer = setTimeout(() => this.#due(), ms);
  }

  async #due(): Promise<void> {
    const late = performance.now() - this.#last >= PATIENCE * this.#intervalMs;
    if (!this.#gate.isIdle && !late) {
      this.#schedule(Math.max(this.#intervalMs / 20, 1));
      return;
    }
    this.#current = this.#gate.passAlone(this.#tick);
    await this.#current;
    this.#last = performance.now();
    this.#schedule(this.#intervalMs);
  }
}
