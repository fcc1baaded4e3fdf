/**
 * Transactions that work on rows which other processes work on too.
 *
 * @module
 */
import type { Database, Sql, TransactionOptions } from "./database.ts";
import { withRetries } from "./retryable.ts";

/**
 * Of a frozen process's transactions one may hold what the others wait for. The server ends the first
 * after idle_in_transaction_session_timeout; without this, the next would then be granted its lock
 * and hold it just as long, and so on.
 */
export const LOCK_PATIENCE = "SET LOCAL lock_timeout = '5s'";

/**
 * Runs a transaction that waits for the locks of others no longer than {@linkcode LOCK_PATIENCE},
 * again if it met another one.
 *
 * @throws whatever the last try threw
 * @example
 * ```ts
 * import type { Database } from "./database.ts";
 * import { contended } from "./contended.ts";
 * async function count(db: Database): Promise<void> {
 *   await contended(db, (tx) => tx.query("UPDATE hits SET n = n + 1"));
 * }
 * ```
 */
export function contended<T>(
  db: Database,
  work: (tx: Sql) => Promise<T>,
  { opening, ...options }: TransactionOptions = {},
): Promise<T> {
  const all = opening === undefined ? LOCK_PATIENCE : `${LOCK_PATIENCE}; ${opening}`;
  return withRetries(() => db.transaction(work, { ...options, opening: all }));
}
