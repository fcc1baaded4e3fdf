/**
 * PostgreSQL through npm:pg.
 *
 * @module
 */
// @ts-types="npm:@types/pg@8.23.1"
import pg from "pg";
import type { PgAddress } from "../config/pg_url.ts";
import type { Database, Row, Sql, SqlValue, TransactionOptions } from "./database.ts";
import { CopyIn } from "./_copy_in.ts";
import { TransactionHandle } from "./_transaction_handle.ts";
import { isOutage } from "./retryable.ts";
import { parseTimestamp } from "./value_parsers.ts";

/** How to connect. */
export interface PostgresOptions {
  /** Most connections held at once. @default {4} */
  readonly connections?: number;
  /** A statement that takes longer is cancelled, in ms. @default {60_000} */
  readonly statementTimeoutMs?: number;
  /**
   * A server that has not answered a statement for so long is taken to be gone, in ms.
   *
   * @default {statementTimeoutMs + 10_000}
   */
  readonly answerTimeoutMs?: number;
  /** Hears of connections lost while idle; the pool opens new ones by itself. */
  readonly onLost?: (error: Error) => void;
}

const { builtins } = pg.types;
const parsers = new Map<number, (text: string) => unknown>([
  [builtins.INT8, (text) => text],
  [builtins.NUMERIC, (text) => text],
  [builtins.TIMESTAMPTZ, parseTimestamp],
  [builtins.TIMESTAMP, parseTimestamp],
  [builtins.DATE, (text) => text],
]);

const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    (format === "binary" ? undefined : parsers.get(oid)) ?? pg.types.getTypeParser(oid, format),
};

/** A statement as pg takes it; its typings leave the limit out. */
interface Statement {
  readonly text: string;
  /** How long to wait for the answer instead of as long as the pool says, in ms. */
  readonly query_timeout?: number;
}

/** The longest that a timer can be told to wait: 25 days. */
const FOREVER_MS = 2 ** 31 - 1;

/** What the code relies on, whatever the server's own settings are. */
const SESSION = [
  // Times are compared as UTC throughout; a session in another zone would cut days elsewhere.
  "TimeZone=UTC",
  "DateStyle=ISO",
  "extra_float_digits=1",
  // A batch that waited for a lock must see what it waited for.
  "default_transaction_isolation=read committed",
  // A frozen worker's locks hold up the others for so long.
  "idle_in_transaction_session_timeout=15000",
];

/**
 * Opens a pool of connections; the first query connects.
 *
 * @example
 * ```ts ignore
 * await using db = openPostgres(parsePgUrl("postgresql://airflow:airflow@localhost/airflow")!);
 * await db.query("SELECT 1");
 * ```
 */
export function openPostgres(address: PgAddress, options: PostgresOptions = {}): Database {
  const { statementTimeoutMs = 60_000 } = options;
  const pool = new pg.Pool({
    host: address.host,
    port: address.port,
    database: address.database,
    user: address.user ?? undefined,
    password: address.password ?? undefined,
    ssl: address.tls === "off" ? false : { rejectUnauthorized: address.tls === "verify" },
    max: options.connections ?? 4,
    connectionTimeoutMillis: 10_000,
    statement_timeout: statementTimeoutMs,
    // The server's own timeout is of no use where the server, or the way to it, is gone.
    query_timeout: options.answerTimeoutMs ?? statementTimeoutMs + 10_000,
    keepAlive: true,
    // Statements go out without waiting for the answers to those before.
    pipeline: true,
    options: SESSION.map((setting) => `-c ${setting.replaceAll(" ", "\\ ")}`).join(" "),
    application_name: "mastodon-pulse",
    types,
  });
  // Without a listener the loss of an idle connection would end the process.
  pool.on("error", (error) => options.onLost?.(error));
  return new PostgresDatabase(pool);
}

class PostgresDatabase implements Database {
  readonly engine = "postgres";
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  query(text: string, params: readonly SqlValue[] = []): Promise<Row[]> {
    return run(this.#pool, { text, params });
  }

  async copyIn(target: string, payload: Uint8Array): Promise<void> {
    const client = await this.#pool.connect();
    try {
      await copyIn(client, { target, payload });
    } finally {
      client.release();
    }
  }

  async script(text: string): Promise<void> {
    await this.#pool.query(text);
  }

  async transaction<T>(
    work: (tx: Sql) => Promise<T>,
    { opening, unhurried = false }: TransactionOptions = {},
  ): Promise<T> {
    const client = await this.#pool.connect();
    const limit = unhurried ? { query_timeout: FOREVER_MS } : {};
    const handle = new TransactionHandle({
      query: (text, params = []) => run(client, { text, params, ...limit }),
      copyIn: (target, payload) => copyIn(client, { target, payload }),
      script: async (text) => {
        await client.query({ text, ...limit });
      },
    });
    const begin = [
      "BEGIN",
      ...unhurried ? ["SET LOCAL statement_timeout = 0"] : [],
      ...opening === undefined ? [] : [opening],
    ];
    // A connection that breaks while it is checked out reports to itself, not to the pool; the
    // query under way rejects, which is all that is needed.
    const ignore = () => {};
    client.on("error", ignore);
    let broken = false;
    try {
      // Awaited: without a transaction what follows would take effect statement by statement.
      await client.query(begin.join("; "));
      const result = await work(handle);
      handle.close();
      await client.query("COMMIT");
      return result;
    } catch (error) {
      handle.close();
      // The next try may find another server behind the same name.
      broken = isOutage(error);
      // A ROLLBACK that fails means a dead connection: the server rolls back by itself.
      await client.query("ROLLBACK").catch(() => broken = true);
      throw handle.causeOf(error);
    } finally {
      client.off("error", ignore);
      client.release(broken);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end();
  }
}

async function run(
  target: pg.Pool | pg.PoolClient,
  { params, ...statement }: Statement & { readonly params: readonly SqlValue[] },
): Promise<Row[]> {
  const { rows } = await target.query<Row>({ ...statement, values: [...params] });
  return rows;
}

function copyIn(
  client: pg.PoolClient,
  { target, payload }: { target: string; payload: Uint8Array },
): Promise<void> {
  const copy = new CopyIn(`COPY ${target} FROM STDIN (FORMAT binary)`, payload);
  client.query(copy);
  return copy.done;
}
