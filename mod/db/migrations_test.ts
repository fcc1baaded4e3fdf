import { assert, assertEquals, assertRejects } from "@std/assert";
import { openTestDatabase } from "./_test_database.ts";
import { migrate, type Migration, MigrationError, readMigrations } from "./migrations.ts";

const first: Migration = { version: 1, name: "0001_a.sql", sql: "CREATE TABLE a (n int);" };
const second: Migration = { version: 2, name: "0002_b.sql", sql: "CREATE TABLE b (n int);" };

Deno.test("migrate() applies each migration once, in order, and refuses to guess", async () => {
  await using db = await openTestDatabase();
  const found = async () =>
    (await db.query(
      "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'",
    ))
      .map((row) => row.table_name).sort();

  assertEquals(await migrate(db, [first]), ["0001_a.sql"]);
  assertEquals(await migrate(db, [first]), []);
  assertEquals(await migrate(db, [first, second]), ["0002_b.sql"]);
  assertEquals(await found(), ["a", "b"]);

  const edited = { ...first, sql: first.sql + " -- later thought" };
  await assertRejects(
    () => migrate(db, [edited, second]),
    MigrationError,
    'Migration "0001_a.sql" was applied as "0001_a.sql" with other contents',
  );
  await assertRejects(
    () => migrate(db, [{ ...first, name: "0001_z.sql" }, second]),
    MigrationError,
    'Migration "0001_z.sql" was applied as "0001_a.sql"',
  );
  await assertRejects(
    () => migrate(db, [first]),
    MigrationError,
    'The database has migration "0002_b.sql", which this version of the code does not know',
  );

  // What fails leaves nothing, the migrations before it in the same run included.
  const third = { version: 3, name: "0003_c.sql", sql: "CREATE TABLE c (n int);" };
  const broken = { version: 4, name: "0004_d.sql", sql: "CREATE TABLE d (n int); SELECT 1 / 0;" };
  await assertRejects(() => migrate(db, [first, second, third, broken]), Error, "division by zero");
  assertEquals(await found(), ["a", "b"]);
  assertEquals(await migrate(db, [first, second, third]), ["0003_c.sql"]);
});

Deno.test("several that migrate at once make the schema once", async () => {
  await using db = await openTestDatabase();
  const migrations = await readMigrations();
  const applied = await Promise.all([1, 2, 3].map(() => migrate(db, migrations)));
  assertEquals(applied.flat(), migrations.map(({ name }) => name));
  const tables = await db.query(
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'masto'",
  );
  const names = new Set(tables.map((row) => row.table_name));
  for (const name of ["toots_raw", "toots_sentiment", "v_sentiment_daily", "stream_progress"]) {
    assert(names.has(name), name);
  }
});

Deno.test("readMigrations() reads a folder in order and refuses misnumbered files", async () => {
  const folder = await Deno.makeTempDir();
  const url = new URL(`file://${folder}/`);
  const write = (name: string, sql = "") => Deno.writeTextFile(`${folder}/${name}`, sql);
  try {
    assertEquals(await readMigrations(url), []);
    await write("0002_later.sql", "SELECT 2;");
    await assertRejects(
      () => readMigrations(url),
      MigrationError,
      'Migration "0002_later.sql" is out of order: number 1 is expected',
    );
    await write("0001_first.sql", "SELECT 1;\r\n");
    await write("README.md");
    assertEquals(await readMigrations(url), [
      // Line ends as in the repository: a checkout that changes them must not look edited.
      { version: 1, name: "0001_first.sql", sql: "SELECT 1;\n" },
      { version: 2, name: "0002_later.sql", sql: "SELECT 2;" },
    ]);
    await write("0002_twice.sql");
    await assertRejects(() => readMigrations(url), MigrationError, "number 3 is expected");
    await Deno.remove(`${folder}/0002_twice.sql`);
    for (const name of ["3_short.sql", "0003-Dash.sql", "notes.sql"]) {
      await write(name);
      await assertRejects(() => readMigrations(url), MigrationError, `Migration "${name}"`);
      await Deno.remove(`${folder}/${name}`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the project's own migrations are in order", async () => {
  const migrations = await readMigrations();
  assert(migrations.length > 0);
  assertEquals(migrations.map(({ version }) => version), migrations.map((_, i) => i + 1));
});
