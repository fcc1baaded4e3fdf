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
 * Whether running the transaction again may succeed because it only met another one.
 *
 * @example
 * ```ts
 * import { isRetryable } from "./retryable.ts";
 * if (!isRetryable(Object.assign(new Error(), { code: "40P01" }))) throw new Error();
 * ```
 */
export function isRetryable(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" &&
    CONFLICTS.has(error.code);
}
