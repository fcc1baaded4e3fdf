/**
 * Several changes sent as one statement: one round trip, and so rows that others wait for stay locked
 * no longer than the database itself needs them.
 *
 * @module
 */
import type { Sql, SqlValue } from "./database.ts";

/**
 * Collects statements that change different rows and return nothing. None of them sees what another
 * does. PostgreSQL runs them in an order of its own, last to first, which is the same each time: those
 * who send the same changes lock rows in the same order.
 * Source: https://www.postgresql.org/docs/current/queries-with.html#QUERIES-WITH-MODIFYING
 *
 * @example
 * ```ts
 * import { CombinedStatement } from "./combined_statement.ts";
 * const statement = new CombinedStatement();
 * statement.add((bind) => `DELETE FROM a WHERE id = ${bind(1)}`);
 * statement.add((bind) => `UPDATE b SET n = ${bind(2)}`);
 * let sent = "";
 * await statement.run({ query: (text) => (sent = text, Promise.resolve([])) });
 * if (!sent.includes("id = $1") || !sent.includes("n = $2")) throw new Error(sent);
 * ```
 */
export class CombinedStatement {
  readonly #parts: string[] = [];
  readonly #params: SqlValue[] = [];

  /** Adds a statement; `bind` takes a value and gives the parameter that stands for it. */
  add(make: (bind: (value: SqlValue) => string) => string): void {
    this.#parts.push(make((value) => `$${this.#params.push(value)}`));
  }

  /** Runs what was collected, if anything was. */
  async run(sql: Pick<Sql, "query">): Promise<void> {
    if (this.#parts.length === 0) return;
    const parts = this.#parts.map((part, i) => `part_${i} AS (${part})`);
    await sql.query(`WITH ${parts.join(",\n")}\nSELECT`, this.#params);
  }
}
