/**
 * A ceiling on how often one server is asked for a connection, whatever else goes wrong.
 *
 * @module
 */

/** Length of the sliding period, in ms: that of Mastodon's own rate limits. */
export const PERIOD_MS = 300_000;
/** Connections in any period: a tenth of the 300 requests that Mastodon allows a client. */
export const MOST_CONNECTS = 30;

/**
 * Counts connections in a sliding period. Full jitter may draw short waits again and again; this
 * cannot.
 * Source of the 300 in 5 minutes: https://docs.joinmastodon.org/api/rate-limits/
 *
 * @example
 * ```ts
 * import { ConnectBudget, MOST_CONNECTS, PERIOD_MS } from "./connect_budget.ts";
 * const budget = new ConnectBudget();
 * for (let i = 0; i < MOST_CONNECTS; i++) budget.take(0);
 * if (budget.waitMs(1000) !== PERIOD_MS - 1000) throw new Error();
 * ```
 */
export class ConnectBudget {
  #taken: number[] = [];

  /** How long to wait until one more is within the ceiling, in ms. */
  waitMs(now: number): number {
    const oldest = this.#taken[this.#taken.length - MOST_CONNECTS];
    return oldest === undefined ? 0 : Math.max(0, oldest + PERIOD_MS - now);
  }

  /** Counts one. */
  take(now: number): void {
    this.#taken.push(now);
    if (this.#taken.length > MOST_CONNECTS) this.#taken = this.#taken.slice(-MOST_CONNECTS);
  }
}
