import { assert, assertEquals, assertRejects } from "@std/assert";
import { parsePgUrl } from "../config/pg_url.ts";
import { type PostgresServer, startPostgres } from "../testing/postgres.ts";
import { waitUntil } from "../testing/wait_until.ts";
import { testConformance } from "./_conformance.ts";
import type { Database } from "./database.ts";
import { migrate, MigrationError, readMigrations } from "./migrations.ts";
import { openPostgres, type PostgresOptions } from "./postgres.ts";

let server: PostgresServer;

Deno.test.beforeAll(async () => {
  server = await startPostgres({
    user: "airflow",
    password: "p@ss/word %",
    database: "airflow",
    // A server with tastes of its own: what the sessions ask for must win.
    settings: {
      TimeZone: "Australia/Eucla",
      DateStyle: "German",
      extra_float_digits: "-15",
      bytea_output: "escape",
      default_transaction_isolation: "serializable",
    },
  });
});

Deno.test.afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

function open(options: PostgresOptions = {}, url = server.url): Database {
  const address = parsePgUrl(url);
  assert(address !== null);
  return openPostgres(address, options);
}

testConformance("PostgreSQL", () => Promise.resolve(open()));

Deno.test("a transaction sees what it waited for", async () => {
  await using db = open();
  await db.script("CREATE TABLE counted (n int); INSERT INTO counted VALUES (0)");
  const add = () =>
    db.transaction(async (tx) => {
      await tx.query("SELECT n FROM counted FOR UPDATE");
      await tx.query("UPDATE counted SET n = n + 1");
    });
  await Promise.all(Array.from({ length: 20 }, add));
  assertEquals(await db.query("SELECT n FROM counted"), [{ n: 20 }]);
});

Deno.test("several that migrate at once make the schema once, and later ones find it", async () => {
  const migrations = await readMigrations();
  const workers = Array.from({ length: 4 }, () => open());
  const applied = await Promise.all(workers.map((db) => migrate(db, migrations)));
  assertEquals(applied.flat(), migrations.map(({ name }) => name));
  for (const db of workers) await db[Symbol.asyncDispose]();
  await using db = open();
  assertEquals(await migrate(db, migrations), []);
  await assertRejects(
    () => migrate(db, migrations.slice(0, -1)),
    MigrationError,
    "update the code",
  );
});

Deno.test("a wrong password, database or port is told, and soon", async () => {
  const { port } = server;
  const refused = (url: string) => {
    const db = open({}, url);
    return assertRejects(() => db.query("SELECT 1")).finally(() => db[Symbol.asyncDispose]());
  };
  const wrong = await refused(`postgresql://airflow:wrong@127.0.0.1:${port}/airflow`);
  assert(String(wrong).includes("password authentication failed"), String(wrong));
  const missing = await refused(server.url.replace(/airflow$/, "elsewhere"));
  assert(String(missing).includes('database "elsewhere" does not exist'), String(missing));
  const closed = await refused(`postgresql://airflow@127.0.0.1:1/airflow`);
  assert(String(closed).includes("ECONNREFUSED"), String(closed));
});

Deno.test("a statement that takes too long is cancelled", async () => {
  await using db = open({ statementTimeoutMs: 200 });
  await assertRejects(() => db.query("SELECT pg_sleep(30)"), Error, "statement timeout");
  assertEquals(await db.query("SELECT 1 AS n"), [{ n: 1 }]);
});

Deno.test("statements of an unhurried transaction take as long as they need", async () => {
  await using db = open({ statementTimeoutMs: 200, answerTimeoutMs: 400, connections: 1 });
  const long = "SELECT pg_sleep(0.8)";
  const rows = await db.transaction(async (tx) => {
    await tx.script(long);
    return await tx.query(`${long}, 1 AS n`);
  }, { unhurried: true });
  assertEquals(rows.map(({ n }) => n), [1]);
  await assertRejects(() => db.transaction((tx) => tx.query(long)), Error, "statement timeout");
});

Deno.test("connections that the server ends are replaced, in hand or idle", async () => {
  const lost: Error[] = [];
  await using db = open({ connections: 2, onLost: (error) => lost.push(error) });
  await using admin = open({ connections: 1 });
  const pid = async (sql: { query: Database["query"] }) =>
    (await sql.query("SELECT pg_backend_pid() AS pid"))[0]?.pid;
  const end = (of: unknown) => admin.query("SELECT pg_terminate_backend($1)", [Number(of)]);

  await assertRejects(() =>
    db.transaction(async (tx) => {
      await end(await pid(tx));
      await tx.query("SELECT 1");
    })
  );
  assertEquals(await db.query("SELECT 1 AS n"), [{ n: 1 }]);

  await end(await pid(db));
  await waitUntil(() => Promise.resolve(lost.length > 0), {
    what: "the loss of an idle connection",
    timeoutMs: 10_000,
  });
  assertEquals(await db.query("SELECT 1 AS n"), [{ n: 1 }]);
});

Deno.test("a transaction whose COMMIT the server does not answer throws", async () => {
  await using db = open({ connections: 1 });
  await using admin = open({ connections: 1 });
  await db.script("CREATE TABLE IF NOT EXISTS slow (n int PRIMARY KEY)");
  // A deferred trigger runs at COMMIT: the connection ends there.
  await db.script(`CREATE OR REPLACE FUNCTION hang() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_sleep(30); RETURN NULL; END $$;
    DROP TRIGGER IF EXISTS hang ON slow;
    CREATE CONSTRAINT TRIGGER hang AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION hang()`);
  let pid = 0;
  const broken = db.transaction(async (tx) => {
    pid = Number((await tx.query("SELECT pg_backend_pid() AS pid"))[0]?.pid);
    await tx.query("INSERT INTO slow VALUES (1)");
  });
  const ended = assertRejects(() => broken);
  await waitUntil(
    async () => {
      const rows = await admin.query("SELECT query FROM pg_stat_activity WHERE pid = $1", [pid]);
      return rows[0]?.query === "COMMIT";
    },
    { what: "the COMMIT", timeoutMs: 10_000 },
  );
  await admin.query("SELECT pg_terminate_backend($1)", [pid]);
  await ended;
  assertEquals(await db.query("SELECT count(*) AS n FROM slow"), [{ n: "0" }]);
});
