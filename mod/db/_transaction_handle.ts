import type { Row, Sql, SqlValue } from "./database.ts";
import { codeOf } from "./retryable.ts";

/** SQLSTATE in_failed_sql_transaction: what a statement fails with because an earlier one did. */
const ABORTED = "25P02";

/**
 * What the work of a transaction is given, over whatever sends its statements. Closed, it takes
 * nothing more: a statement of a transaction that was rolled back, sent late, would take effect by
 * itself or in the connection's next transaction.
 */
export class TransactionHandle implements Sql {
  readonly #sql: Sql;
  #isClosed = false;
  /** What the first statement that failed failed with. */
  #cause: unknown = null;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  query(text: string, params?: readonly SqlValue[]): Promise<Row[]> {
    return this.#send(() => this.#sql.query(text, params));
  }

  copyIn(target: string, payload: Uint8Array): Promise<void> {
    return this.#send(() => this.#sql.copyIn(target, payload));
  }

  script(text: string): Promise<void> {
    return this.#send(() => this.#sql.script(text));
  }

  close(): void {
    this.#isClosed = true;
  }

  /**
   * Why the work failed: of statements sent together it may hear first of one that only failed because
   * an earlier one had.
   */
  causeOf(error: unknown): unknown {
    return codeOf(error) === ABORTED ? this.#cause ?? error : error;
  }

  async #send<T>(send: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new Error("The transaction is over");
    try {
      return await send();
    } catch (error) {
      if (codeOf(error) !== ABORTED) this.#cause ??= error;
      throw error;
    }
  }
}
