/**
 * Requests to a Mastodon server: who asks, for how long, and what the answer's headers say.
 *
 * @module
 */

/** Names the project and where to complain, as Mastodon's guidelines ask of clients. */
export const USER_AGENT = "MastodonPulse/0.1 (+https://github.com/mastodon-pulse/pulse)";

/** How to ask. */
export interface RequestOptions {
  readonly token?: string | null;
  /** Gives up after so long, in ms. @default {10_000} */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * A GET request. The token goes into the header and nowhere else; redirects are followed only
 * without one, so that it cannot reach another host.
 *
 * @throws {Error} if there is no answer; the message never holds the token
 */
export async function get(url: string, options: RequestOptions = {}): Promise<Response> {
  const { token = null, timeoutMs = 10_000, signal } = options;
  const limit = AbortSignal.timeout(timeoutMs);
  return await fetch(url, {
    headers: {
      "user-agent": USER_AGENT,
      accept: "application/json",
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    redirect: token === null ? "follow" : "manual",
    signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
  });
}

/** The longest wait that a server's headers can impose, in ms. */
const LONGEST_WAIT_MS = 3_600_000;

/**
 * How long a server asks to wait, by `Retry-After` (seconds or a date) or `X-RateLimit-Reset`;
 * null if it does not say. Dates are read against the server's own clock, its `Date` header:
 * clocks may be days apart.
 *
 * @param now the local clock, for servers that do not tell theirs, in ms
 * @example
 * ```ts
 * import { retryAfterMs } from "./http.ts";
 * const headers = new Headers({ "retry-after": "120" });
 * if (retryAfterMs(headers, Date.now()) !== 120_000) throw new Error();
 * ```
 */
export function retryAfterMs(headers: Headers, now: number): number | null {
  return waitOf("retry-after", { headers, now }) ?? waitOf("x-ratelimit-reset", { headers, now });
}

/** Seconds from here on are a date: in 1970 there was no server. */
const EPOCH_SECONDS = 1e9;
/** A date of HTTP or of ISO 8601: `Date.parse` takes much else for one, such as "0" and "-1". */
const DATE = /^(?:[A-Z][a-z]{2,8}, |\d{4}-\d{2}-\d{2}T)/;

/**
 * The wait that a header asks for, in ms: as seconds, as a date, or as a date in seconds, which some
 * proxies send. Null if it does not say.
 */
export function waitOf(
  header: string,
  { headers, now }: { headers: Headers; now: number },
): number | null {
  const text = headers.get(header)?.trim() ?? "";
  if (/^\d{1,12}(?:\.\d+)?$/.test(text)) {
    const seconds = Number(text);
    if (seconds < EPOCH_SECONDS) return Math.min(seconds * 1000, LONGEST_WAIT_MS);
    return waitUntil(seconds * 1000, { headers, now });
  }
  const at = DATE.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? null : waitUntil(at, { headers, now });
}

/** Ms until a date of the server, by its own clock. */
function waitUntil(at: number, { headers, now }: { headers: Headers; now: number }): number {
  const theirs = Date.parse(headers.get("date") ?? "");
  return Math.min(Math.max(at - (Number.isNaN(theirs) ? now : theirs), 0), LONGEST_WAIT_MS);
}

/** What a failed request is, in words. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "no answer in time";
  const { cause } = error;
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message;
}
