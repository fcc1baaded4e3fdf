import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
// @ts-types="npm:@types/pg@8.23.1"
import pg from "pg";
import { startPostgres } from "./postgres.ts";
import { startProcess } from "./process.ts";
import { waitUntil } from "./wait_until.ts";

Deno.test("startPostgres() serves clients and keeps what was committed over a crash", async () => {
  let dir: string;
  {
    await using server = await startPostgres();
    dir = server.socketDir;
    await server.psql("CREATE TABLE t AS SELECT 42 AS n");
    const { pid } = server;
    assert(pid !== undefined);
    await server.immediateStop();
    assertEquals(server.pid, undefined);
    await assertRejects(() => server.psql("SELECT 1"), Error, "Connection refused");
    await server.start();
    assertNotEquals(server.pid, pid);

    for (const config of [{ connectionString: server.url }, { ...login(server) }]) {
      const client = new pg.Client(config);
      await client.connect();
      const { rows } = await client.query("SELECT n, current_setting('fsync') AS fsync FROM t");
      assertEquals(rows, [{ n: 42, fsync: "on" }]);
      await client.end();
    }
    await server.stop();
    await server.start();
    assertEquals(await server.psql("SELECT n FROM t"), "42");
  }
  await assertRejects(() => Deno.stat(dir), Deno.errors.NotFound);
});

Deno.test("startPostgres() asks for the password when there is one", async () => {
  const password = "p@ss/word %";
  await using server = await startPostgres({ user: "airflow", database: "airflow", password });
  assertEquals(await server.psql("SELECT current_user"), "airflow");
  const good = new pg.Client({ connectionString: server.url });
  await good.connect();
  await good.end();
  const bad = new pg.Client({ ...login(server), password: "wrong" });
  await assertRejects(() => bad.connect(), Error, "password authentication failed");
});

Deno.test("startPostgres() listens on loopback only and takes settings", async () => {
  await using server = await startPostgres({ settings: { max_connections: "7" } });
  assertEquals(await server.psql("SHOW listen_addresses"), "127.0.0.1");
  assertEquals(await server.psql("SHOW max_connections"), "7");
  assert(server.jdbcUrl.startsWith("jdbc:postgresql://127.0.0.1:"));
});

Deno.test("startPostgres() shows the server's own log when it cannot start", async () => {
  const settings = { max_connections: "none at all" };
  await assertRejects(() => startPostgres({ settings }), Error, "max_connections");
});

Deno.test("a server ends and its folder goes when its owner is killed", async () => {
  const module = new URL("./postgres.ts", import.meta.url).href;
  const code = `const { startPostgres } = await import(${JSON.stringify(module)});
    const server = await startPostgres();
    console.log("server " + server.pid + " " + server.socketDir);
    setInterval(() => {}, 1000);`;
  await using owner = startProcess([Deno.execPath(), "eval", code]);
  const line = await owner.waitForLine(/^server /);
  const [, pid = "", dir = ""] = line.split(" ");
  assert((await Deno.stat(`/proc/${pid}`)).isDirectory);
  await owner.kill9();
  await waitUntil(
    () => Promise.all([gone(dir), gone(`/proc/${pid}`)]).then((all) => all.every(Boolean)),
    {
      what: "the server's end",
      timeoutMs: 20_000,
    },
  );
});

function login(server: { socketDir: string; port: number; user: string; database: string }) {
  const { socketDir: host, port, user, database } = server;
  return { host, port, user, database };
}

async function gone(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return false;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return true;
    throw error;
  }
}
