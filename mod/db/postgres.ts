/**
 * PostgreSQL through npm:pg.
 *
 * @module
 */
// @ts-types="npm:@types/pg@8.23.1"
import pg from "pg";
// @ts-types="npm:@types/pg-copy-streams@1.2.5"
import { from as copyFrom } from "pg-copy-streams";
import { Buffer } from "node:buffer";
import { finished } from "node:stream/promises";
import type { PgAddress } from "../config/pg_url.ts";
import type { Database, Row, Sql, SqlValue } from "./database.ts";
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

  async transaction<T>(work: (tx: Sql) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    // A connection that breaks while it is checked out reports to itself, not to the pool; the
    // query under way rejects, which is all that is needed.
    const ignore = () => {};
    client.on("error", ignore);
    let broken = false;
    try {
      await client.query("BEGIN");
      const result = await work({
        query: (text, params = []) => run(client, { text, params }),
        copyIn: (target, payload) => copyIn(client, { target, payload }),
        script: async (text) => {
          await client.query(text);
        },
      });
      await client.query("COMMIT");
      return result;
    } catch (error) {
      // A ROLLBACK that fails means a dead connection: the server rolls back by itself.
      await client.query("ROLLBACK").catch(() => broken = true);
      throw error;
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
  { text, params }: { text: string; params: readonly SqlValue[] },
): Promise<Row[]> {
  const { rows } = await target.query<Row>(text, [...params]);
  return rows;
}

async function copyIn(
  client: pg.PoolClient,
  { target, payload }: { target: string; payload: Uint8Array },
): Promise<void> {
  const stream = client.query(copyFrom(`COPY ${target} FROM STDIN (FORMAT binary)`));
  // A view of the same memory: the driver writes Buffers only.
  stream.end(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength));
  await finished(stream);
}
