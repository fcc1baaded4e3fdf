/**
 * Dead letters of several batches → one request to the log.
 *
 * @module
 */
import type { NewRecord } from "../log/event_log.ts";

/** How letters are gathered. */
export interface LetterBoxOptions {
  /** Appends to the error topic; must be durable when it resolves. */
  readonly append: (records: readonly NewRecord[]) => Promise<void>;
  /** How long the first letter waits for others, in ms: `linger.ms` of Kafka's own producers. */
  readonly lingerMs: number;
}

/**
 * Gathers dead letters that come shortly after each other: where each batch of a backlog holds a few
 * bad records, each would otherwise make a request of its own.
 *
 * @example
 * ```ts
 * import { LetterBox } from "./letter_box.ts";
 * const requests: number[] = [];
 * const box = new LetterBox({
 *   append: (letters) => Promise.resolve(void requests.push(letters.length)),
 *   lingerMs: 1,
 * });
 * await Promise.all([box.post([{ key: "1", value: "{" }]), box.post([{ key: "2", value: "[" }])]);
 * if (requests.join() !== "2") throw new Error();
 * ```
 */
export class LetterBox {
  readonly #options: LetterBoxOptions;
  #gathering: { readonly letters: NewRecord[]; readonly sent: Promise<void> } | null = null;

  constructor(options: LetterBoxOptions) {
    this.#options = options;
  }

  /** Resolves once the letters are durable; rejects with what `append` threw, as all with them do. */
  post(letters: readonly NewRecord[]): Promise<void> {
    this.#gathering ??= this.#gather();
    this.#gathering.letters.push(...letters);
    return this.#gathering.sent;
  }

  #gather() {
    const letters: NewRecord[] = [];
    const { append, lingerMs } = this.#options;
    const sent = new Promise<void>((resolve) => setTimeout(resolve, lingerMs)).then(() => {
      this.#gathering = null;
      return append(letters);
    });
    return { letters, sent };
  }
}
