/**
 * Numbered SQL files, applied once each, in order.
 *
 * @module
 */
import { z } from "zod";
import type { Database, Sql } from "./database.ts";

/** One migration file. */
export interface Migration {
  /** From the file's name: `0001_schema.sql` is 1. */
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** A migration that was applied differs from its file, or is not there, or files are misnumbered. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
}

/** Where the project keeps its migrations. */
export const MIGRATIONS_FOLDER: URL = new URL("../../sql/migrations/", import.meta.url);

/** Any number that no other program uses as an advisory lock: "masto" in ASCII. */
const LOCK_KEY = 0x6d6173746f;

const appliedRow = z.object({ version: z.number(), name: z.string(), checksum: z.string() });

/**
 * Reads the migrations of a folder, in order. Line ends are brought to LF, so that a checkout that
 * writes CRLF has the same checksums.
 *
 * @throws {MigrationError} if a number is used twice or left out, or a .sql file has no number
 */
export async function readMigrations(folder: URL = MIGRATIONS_FOLDER): Promise<Migration[]> {
  const found: Migration[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".sql")) continue;
    const version = /^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1];
    if (version === undefined) {
      throw new MigrationError(`Migration "${name}" should be named like "0001_schema.sql"`);
    }
    const sql = (await Deno.readTextFile(new URL(name, folder))).replaceAll("\r\n", "\n");
    found.push({ version: Number(version), name, sql });
  }
  found.sort((a, b) => a.version - b.version);
  found.forEach(({ version, name }, i) => {
    if (version !== i + 1) {
      throw new MigrationError(`Migration "${name}" is out of order: number ${i + 1} is expected`);
    }
  });
  return found;
}

/**
 * Brings the schema up to date, in one transaction under a lock, and gives the names of the
 * migrations that it applied. Several processes may start together: one migrates, the rest wait.
 * Where nothing is missing it only reads, so that a job needs no right to make anything.
 *
 * @throws {MigrationError} if a migration that was applied has been edited, renamed or removed
 */
export async function migrate(db: Database, migrations: readonly Migration[]): Promise<string[]> {
  const hashed = await Promise.all(migrations.map(async (migration) => (
    { ...migration, checksum: await sha256(migration.sql) }
  )));
  const [place] = await db.query("SELECT to_regclass('masto.schema_migrations')::text AS name");
  if (typeof place?.name === "string" && missing(hashed, await readApplied(db)).length === 0) {
    return [];
  }
  return await db.transaction(async (tx) => {
    await tx.query("SELECT pg_advisory_xact_lock($1::bigint)", [LOCK_KEY]);
    await tx.script(`
      CREATE SCHEMA IF NOT EXISTS masto;
      CREATE TABLE IF NOT EXISTS masto.schema_migrations (
        version    integer     PRIMARY KEY,
        name       text        NOT NULL,
        checksum   text        NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
      );`);
    const todo = missing(hashed, await readApplied(tx));
    for (const { version, name, checksum, sql } of todo) {
      await tx.script(sql);
      await tx.query(
        "INSERT INTO masto.schema_migrations (version, name, checksum) VALUES ($1, $2, $3)",
        [version, name, checksum],
      );
    }
    return todo.map(({ name }) => name);
  });
}

type Applied = z.output<typeof appliedRow>;

async function readApplied(sql: Sql): Promise<Applied[]> {
  const rows = await sql.query(
    "SELECT version, name, checksum FROM masto.schema_migrations ORDER BY version",
  );
  return z.array(appliedRow).parse(rows);
}

/** The migrations that are still to be applied; throws if one that was applied is another now. */
function missing<M extends Migration & { readonly checksum: string }>(
  migrations: readonly M[],
  applied: readonly Applied[],
): M[] {
  const newer = applied.find(({ version }) => version > migrations.length);
  if (newer !== undefined) {
    throw new MigrationError(
      `The database has migration "${newer.name}", which this version of the code does not ` +
        "know: update the code",
    );
  }
  return migrations.filter(({ version, name, checksum }) => {
    const before = applied.find((row) => row.version === version);
    if (before === undefined) return true;
    if (before.checksum === checksum && before.name === name) return false;
    throw new MigrationError(
      `Migration "${name}" was applied as "${before.name}" with other contents: ` +
        "restore the file and put the change in a new migration",
    );
  });
}

async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(hash).toHex();
}
