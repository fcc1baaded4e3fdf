import type { Database, Row, SqlValue } from "./database.ts";

/**
 * Runs one statement that may take as long as it needs, such as one that reads a whole table of years.
 *
 * @throws whatever the statement fails with
 * @example
 * ```ts
 * import type { Database } from "./database.ts";
 * import { unhurried } from "./unhurried.ts";
 * async function count(db: Database): Promise<unknown> {
 *   return await unhurried(db, "SELECT count(*) FROM masto.toots_raw");
 * }
 * ```
 */
export function unhurried(
  db: Database,
  text: string,
  params?: readonly SqlValue[],
): Promise<Row[]> {
  return db.transaction((tx) => tx.query(text, params), { unhurried: true });
}
