/**
 * A gate that back-pressure closes and opens again.
 *
 * @module
 */

/**
 * Open at first.
 *
 * @example
 * ```ts
 * import { Gate } from "./gate.ts";
 * const gate = new Gate();
 * gate.close("The spool is full");
 * if (gate.reason !== "The spool is full") throw new Error();
 * gate.open();
 * await gate.opened(new AbortController().signal);
 * ```
 */
export class Gate {
  #reason: string | null = null;
  readonly #listeners = new Set<() => void>();

  /** Why it is closed; null while it is open. */
  get reason(): string | null {
    return this.#reason;
  }

  /** Closes it. */
  close(reason: string): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    this.#tell();
  }

  /** Opens it. */
  open(): void {
    if (this.#reason === null) return;
    this.#reason = null;
    this.#tell();
  }

  /** Resolves when it is open, or when the signal aborts. */
  async opened(signal: AbortSignal): Promise<void> {
    while (this.#reason !== null && !signal.aborted) await this.#change(signal);
  }

  /** Calls back whenever it closes or opens; gives what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        stop();
        signal.removeEventListener("abort", done);
        resolve();
      };
      const stop = this.onChange(done);
      signal.addEventListener("abort", done);
    });
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
