/**
 * The embedded database: PGlite (PostgreSQL compiled to WebAssembly) in a folder, owned by one
 * process at a time.
 *
 * @module
 */
import { PGlite, type PGliteInterface, type Transaction, types } from "@electric-sql/pglite";
import { turns } from "../async/turns.ts";
import type { Database, Row, Sql, SqlValue, TransactionOptions } from "./database.ts";
import { letOthersIn } from "./_event_loop.ts";
import { makeWhole } from "./_first_start.ts";
import { takeOwnerLock } from "./owner_lock.ts";
import { TransactionHandle } from "./_transaction_handle.ts";
import { parseTimestamp } from "./value_parsers.ts";

const parsers = {
  [types.INT8]: (text: string) => text,
  [types.NUMERIC]: (text: string) => text,
  [types.TIMESTAMPTZ]: parseTimestamp,
  [types.TIMESTAMP]: parseTimestamp,
  [types.DATE]: (text: string) => text,
  // PGlite's own take several times as long, and payloads of the log are the most of what it is given.
  [types.BYTEA]: (text: string) => Uint8Array.fromHex(text.slice(2)),
};

const serializers = {
  [types.BYTEA]: (bytes: unknown) => {
    if (bytes instanceof Uint8Array) return `\\x${bytes.toHex()}`;
    throw new TypeError("Cannot bind to bytea: the value is no Uint8Array");
  },
};

const conversions = { parsers, serializers };

/**
 * Opens the database in `folder`, making it if need be; `null` opens one in memory.
 *
 * @param image what a new database holds, as PGlite dumps it: making an empty one takes longer
 * @throws {OwnedError} if another live process has it open
 */
export async function openEmbedded(
  folder: string | null,
  { image }: { image?: Blob } = {},
): Promise<Database> {
  const options = { ...image && { loadDataDir: image }, ...conversions };
  if (folder === null) return new EmbeddedDatabase(await PGlite.create(options), null);
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const lock = await takeOwnerLock(`${folder}.lock`);
  try {
    // PGlite flushes to the operating system at each commit: a killed process loses nothing that
    // was committed; a power cut may.
    const pglite = await makeWhole(folder, () => PGlite.create({ dataDir: folder, ...options }));
    return new EmbeddedDatabase(pglite, lock);
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

class EmbeddedDatabase implements Database {
  readonly engine = "pglite";
  readonly #pglite: PGliteInterface;
  readonly #lock: AsyncDisposable | null;

  constructor(pglite: PGliteInterface, lock: AsyncDisposable | null) {
    this.#pglite = pglite;
    this.#lock = lock;
  }

  query(text: string, params: readonly SqlValue[] = []): Promise<Row[]> {
    return run(this.#pglite, { text, params });
  }

  copyIn(target: string, payload: Uint8Array): Promise<void> {
    return copyIn(this.#pglite, { target, payload });
  }

  script(text: string): Promise<void> {
    return runScript(this.#pglite, text);
  }

  transaction<T>(
    work: (tx: Sql) => Promise<T>,
    { opening }: TransactionOptions = {},
  ): Promise<T> {
    return this.#pglite.transaction(async (tx) => {
      if (opening !== undefined) await runScript(tx, opening);
      // Letting others in takes some statements longer than those behind them.
      const inTurn = turns();
      const handle = new TransactionHandle({
        query: (text, params = []) => inTurn(() => run(tx, { text, params })),
        copyIn: (target, payload) => inTurn(() => copyIn(tx, { target, payload })),
        script: (text) => inTurn(() => runScript(tx, text)),
      });
      try {
        return await work(handle);
      } catch (error) {
        throw handle.causeOf(error);
      } finally {
        handle.close();
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pglite.close();
    await this.#lock?.[Symbol.asyncDispose]();
  }
}

async function run(
  target: PGliteInterface | Transaction,
  { text, params }: { text: string; params: readonly SqlValue[] },
): Promise<Row[]> {
  await letOthersIn();
  const { rows } = await target.query<Row>(text, [...params]);
  return rows;
}

async function runScript(target: PGliteInterface | Transaction, text: string): Promise<void> {
  await letOthersIn();
  await target.exec(text);
}

/** PGlite reads its COPY input from a blob under this name. */
const BLOB = "/dev/blob";

async function copyIn(
  db: PGliteInterface | Transaction,
  { target, payload }: { target: string; payload: Uint8Array },
): Promise<void> {
  const blob = new Blob([new Uint8Array(payload)]);
  await db.query(`COPY ${target} FROM '${BLOB}' (FORMAT binary)`, [], { blob });
}
