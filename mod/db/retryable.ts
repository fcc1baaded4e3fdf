/**
 * Which database errors a whole transaction may simply be tried again after.
 *
 * @module
 */

/**
 * SQLSTATEs of transactions that met another: serialization failure, deadlock, and a unique key
 * that another transaction took between our look and our insert (the next look will see it).
 * Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const CONFLICTS = new Set(["40001", "40P01", "23505", "55P03"]);

/**
 * SQLSTATEs of a server that ends sessions, starts, stops or has no room: idle_in_transaction and
 * idle_session timeouts, admin_shutdown, crash_shutdown, cannot_connect_now; and of one that is no
 * primary any more: read_only_sql_transaction. Classes 08 (connection) and 53 (insufficient
 * resources, such as a full disk) belong to them as a whole.
 */
const OUTAGES = new Set(["25006", "25P03", "57P01", "57P02", "57P03", "57P05"]);

/**
 * Errors of the operating system when a connection cannot be made or breaks. A name that was found
 * once may be gone for as long as its container is stopped.
 */
const NETWORK = new Set([
  "EAI_AGAIN",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ERR_STREAM_PREMATURE_CLOSE",
  "ETIMEDOUT",
]);

/** What the driver says of broken connections, for which it has no codes. */
const BROKEN =
  /^(Connection terminated|timeout exceeded when trying to connect|Client (was closed|has encountered a connection error)|Query read timeout)/;

/**
 * Whether running the transaction again may succeed because it only met another one.
 *
 * @example
 * ```ts
 * import { isRetryable } from "./retryable.ts";
 * if (!isRetryable(Object.assign(new Error(), { code: "40P01" }))) throw new Error();
 * ```
 */
export function isRetryable(error: unknown): boolean {
  return CONFLICTS.has(codeOf(error) ?? "");
}

/**
 * Whether the database is away or has no room, so that trying again later may succeed. A COMMIT that
 * ended so may have happened or not.
 *
 * @example
 * ```ts
 * import { isOutage } from "./retryable.ts";
 * if (!isOutage(new Error("Connection terminated unexpectedly"))) throw new Error();
 * ```
 */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  if (code === null) return BROKEN.test(error.message);
  return OUTAGES.has(code) || NETWORK.has(code) || /^(08|53)[0-9A-Z]{3}$/.test(code);
}

/** SQLSTATEs lock_not_available (a lock timeout) and query_canceled (a statement timeout). */
const DELAYS = new Set(["55P03", "57014"]);

/**
 * Whether others kept the database from doing it in time, by their locks or by their load.
 *
 * @example
 * ```ts
 * import { isDelay } from "./retryable.ts";
 * if (!isDelay(Object.assign(new Error(), { code: "55P03" }))) throw new Error();
 * ```
 */
export function isDelay(error: unknown): boolean {
  return DELAYS.has(codeOf(error) ?? "");
}

/** The SQLSTATE of a server's error, or the operating system's name of one; null if it has none. */
export function codeOf(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : null;
}

/** How often work that met another transaction is tried. */
const MAX_ATTEMPTS = 8;

/**
 * Runs a transaction, again if it met another one, after a random pause so that the two do not meet
 * once more.
 *
 * @throws whatever the last try threw
 * @example
 * ```ts
 * import { withRetries } from "./retryable.ts";
 * let tries = 0;
 * await withRetries(() => {
 *   if (++tries < 3) throw Object.assign(new Error("Deadlock"), { code: "40P01" });
 *   return Promise.resolve();
 * });
 * if (tries !== 3) throw new Error();
 * ```
 */
export async function withRetries<T>(work: (attempt: number) => Promise<T>): Promise<T> {
  for (let attempt = 1;; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      if (!isRetryable(error) || attempt >= MAX_ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * 2 ** attempt));
    }
  }
}
