/**
 * The port through which everything reaches PostgreSQL, real (`postgres.ts`) or embedded
 * (`embedded.ts`). Both adapters return the same JavaScript values for the same SQL:
 * `int8` and `numeric` as text, `timestamptz` and `timestamp` as Date (UTC), `json` parsed,
 * `float8`, `int4`, `int2` as number, arrays as arrays.
 *
 * @module
 */

/** What may be bound to a `$n` parameter. Arrays bind to SQL arrays; cast them (`$1::int8[]`). */
export type SqlValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Date
  | Uint8Array
  | readonly (string | number | bigint | boolean | null | Date | Uint8Array)[];

/** A row as the database returned it: check it before use, for example with zod. */
export type Row = Record<string, unknown>;

/**
 * Anything that runs SQL: the database itself, or a transaction of it. Statements of a transaction run
 * in the order of the calls, and none need wait for the answer to the one before: sent together they
 * cost one round trip.
 */
export interface Sql {
  /** Runs one statement with parameters. */
  query(text: string, params?: readonly SqlValue[]): Promise<Row[]>;
  /**
   * Runs a `COPY … FROM STDIN (FORMAT binary)`, given as everything between `COPY` and `FROM`, such
   * as `masto.toots_raw (id, uri)`. Make the payload with `BinaryCopy`.
   */
  copyIn(target: string, payload: Uint8Array): Promise<void>;
  /** Runs several statements without parameters, as migrations need. */
  script(text: string): Promise<void>;
}

/** How a transaction begins. */
export interface TransactionOptions {
  /** Statements without parameters that run before `work`, in one round trip with BEGIN. */
  readonly opening?: string;
  /**
   * Whether statements may take as long as they need, such as one that reads years of toots. Not for
   * one with locks that others wait for.
   *
   * @default {false}
   */
  readonly unhurried?: boolean;
}

/** A database with transactions. */
export interface Database extends Sql, AsyncDisposable {
  /** Which adapter this is, for messages. */
  readonly engine: "postgres" | "pglite";
  /**
   * Runs `work` in one transaction: committed when it resolves, rolled back when it throws. The
   * callback must use the handle it is given and nothing else.
   */
  transaction<T>(work: (tx: Sql) => Promise<T>, options?: TransactionOptions): Promise<T>;
}
