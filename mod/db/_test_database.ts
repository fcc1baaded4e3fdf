import { PGlite } from "@electric-sql/pglite";
import type { Database } from "./database.ts";
import { openEmbedded } from "./embedded.ts";
import { migrate, readMigrations } from "./migrations.ts";

let shared: Promise<Database> | null = null;

/**
 * An embedded database in memory with an up-to-date schema and no rows. One serves all tests of a
 * file, one after the other: making one takes a second or more, emptying it some milliseconds.
 */
export async function testDatabase(): Promise<Database> {
  shared ??= openTestDatabase().then(async (db) => {
    await migrate(db, await readMigrations());
    return db;
  });
  const db = await shared;
  await emptyTables(db);
  return {
    engine: db.engine,
    query: (text, params) => db.query(text, params),
    copyIn: (target, payload) => db.copyIn(target, payload),
    script: (text) => db.script(text),
    transaction: (work, options) => db.transaction(work, options),
    async [Symbol.asyncDispose]() {},
  };
}

/** Removes all rows but those that say which migrations were applied. */
export async function emptyTables(db: Database): Promise<void> {
  const tables = await db.query(
    `SELECT table_name FROM information_schema.tables
     WHERE table_schema = 'masto' AND table_type = 'BASE TABLE'
       AND table_name <> 'schema_migrations'`,
  );
  // Deleting from small tables takes a fifth of the time of truncating them.
  await db.script(tables.map((row) => `DELETE FROM masto.${row.table_name};`).join("\n"));
}

/** An embedded database in memory without a schema, of the caller's own. */
export async function openTestDatabase(): Promise<Database> {
  return await openEmbedded(null, { image: await testImage() });
}

/**
 * What a new database starts from: kept in the temporary folder, since reading it takes a third of
 * the time of making a database anew.
 */
export async function testImage(): Promise<Blob> {
  const path = `${temporaryFolder()}/mastodon-pulse-test-${await imageName()}.tar.gz`;
  try {
    return new Blob([await Deno.readFile(path)]);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return await makeImage(path);
  }
}

async function makeImage(path: string): Promise<Blob> {
  const pglite = await PGlite.create();
  const image = await pglite.dumpDataDir("gzip");
  await pglite.close();
  // Written beside and renamed, so that nobody reads half of it.
  const half = await Deno.makeTempFile({ dir: temporaryFolder() });
  await Deno.writeFile(half, new Uint8Array(await image.arrayBuffer()));
  await Deno.rename(half, path);
  return image;
}

/** Another version of PGlite, or another user, has an image of its own. */
async function imageName(): Promise<string> {
  const source = `${import.meta.resolve("@electric-sql/pglite")} ${Deno.uid()}`;
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(source));
  return new Uint8Array(hash).toHex().slice(0, 16);
}

function temporaryFolder(): string {
  return Deno.env.get("TMPDIR") ?? Deno.env.get("TEMP") ?? "/tmp";
}
