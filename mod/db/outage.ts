/**
 * A database whose outages and delays are waited out: what is under way is begun anew until it
 * succeeds.
 *
 * @module
 */
import { Waiters } from "../async/waiting.ts";
import type { Database } from "./database.ts";
import { isDelay, isOutage } from "./retryable.ts";

/** How outages are waited out. */
export interface OutageOptions {
  /** Ends the waiting: what is under way then fails with its own error. */
  readonly signal: AbortSignal;
  /**
   * Hears of each outage once when it begins and once when it is over, and once a minute of delays:
   * while some wait for a lock, others may find the database as quick as ever.
   */
  readonly log: (level: "warning" | "info", message: string) => void;
  /** Wait after the first failure, in ms; it doubles from try to try. @default {100} */
  readonly firstWaitMs?: number;
  /** Longest wait, in ms: how long after its return a database may go unnoticed. @default {3000} */
  readonly longestWaitMs?: number;
}

/** How often delays are told of, in ms. */
const DELAYS_TOLD_MS = 60_000;

/**
 * Wraps a database so that connections that break, a server that restarts, a full disk, and locks or
 * a load that let nothing through in time end nothing: a statement or a whole transaction is tried
 * again, with growing waits, until it succeeds, fails for another reason, or the signal aborts.
 *
 * Only for work that may be done twice: a COMMIT whose answer was lost may have happened. The stream
 * is such work, since each of its transactions begins by looking whether the position is still
 * where it was.
 *
 * @example
 * ```ts
 * import type { Database } from "./database.ts";
 * import { patient } from "./outage.ts";
 * function example(db: Database, signal: AbortSignal): Database {
 *   return patient(db, { signal, log: () => {} });
 * }
 * ```
 */
export function patient(db: Database, options: OutageOptions): Database {
  const outages = new Outages(options);
  return {
    engine: db.engine,
    query: (text, params) => outages.outlast(() => db.query(text, params)),
    copyIn: (target, payload) => outages.outlast(() => db.copyIn(target, payload)),
    script: (text) => outages.outlast(() => db.script(text)),
    transaction: (work, options) => outages.outlast(() => db.transaction(work, options)),
    [Symbol.asyncDispose]: () => db[Symbol.asyncDispose](),
  };
}

class Outages {
  readonly #options: OutageOptions;
  /** Those who wait until another has found that the database is back, or for their next try. */
  readonly #waiting = new Waiters();
  #since: number | null = null;
  #toldOfDelay = -Infinity;

  constructor(options: OutageOptions) {
    this.#options = options;
  }

  async outlast<T>(work: () => Promise<T>): Promise<T> {
    const { signal, firstWaitMs = 100, longestWaitMs = 3000 } = this.#options;
    for (let wait = firstWaitMs;; wait = Math.min(wait * 2, longestWaitMs)) {
      try {
        const result = await work();
        this.#over();
        return result;
      } catch (error) {
        if (signal.aborted) throw error;
        if (isDelay(error)) this.#delayed(error);
        else if (isOutage(error)) this.#begins(error);
        else throw error;
        // Random, so that many workers do not storm a server that has just come back.
        await this.#waiting.wait(wait * (0.5 + Math.random() / 2), signal);
        if (signal.aborted) throw error;
      }
    }
  }

  #begins(error: unknown): void {
    if (this.#since !== null) return;
    this.#since = performance.now();
    this.#options.log(
      "warning",
      `The database does not serve us (${reasonOf(error)}): trying until it does`,
    );
  }

  #delayed(error: unknown): void {
    const now = performance.now();
    if (now - this.#toldOfDelay < DELAYS_TOLD_MS) return;
    this.#toldOfDelay = now;
    this.#options.log(
      "warning",
      `Others keep the database from serving us in time (${reasonOf(error)}): trying until it does`,
    );
  }

  #over(): void {
    if (this.#since === null) return;
    const seconds = ((performance.now() - this.#since) / 1000).toFixed(1);
    this.#since = null;
    this.#options.log("info", `The database serves us again after ${seconds} s`);
    this.#waiting.wake();
  }
}

/** Why something failed, in one line. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s+/g, " ").trim();
}
