/** What a request may still do. */
export interface Allowance {
  readonly allowed: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Mastodon's throttle: so many requests per period, periods aligned to the clock, one budget per
 * caller. See https://docs.joinmastodon.org/api/rate-limits/
 */
export class RateLimiter {
  readonly #options: { readonly limit: number; readonly periodMs: number };
  readonly #used = new Map<string, number>();
  #period = -1;

  constructor(options: { readonly limit: number; readonly periodMs: number }) {
    this.#options = options;
  }

  take(caller: string, now: number): Allowance {
    const { limit, periodMs } = this.#options;
    const period = Math.floor(now / periodMs);
    if (period !== this.#period) {
      this.#used.clear();
      this.#period = period;
    }
    const used = (this.#used.get(caller) ?? 0) + 1;
    this.#used.set(caller, used);
    return {
      allowed: used <= limit,
      headers: {
        "X-RateLimit-Limit": String(limit),
        "X-RateLimit-Remaining": String(Math.max(0, limit - used)),
        "X-RateLimit-Reset": new Date((period + 1) * periodMs).toISOString(),
      },
    };
  }
}
