import { assert, assertEquals, assertRejects } from "@std/assert";
import { parsePgUrl } from "../config/pg_url.ts";
import { patient } from "../db/outage.ts";
import { openPostgres } from "../db/postgres.ts";
import { startPostgres, waitUntil } from "../testing/mod.ts";

Deno.test("a database that falls silent without a word is an outage, not a hang", async () => {
  await using server = await startPostgres();
  const address = parsePgUrl(server.url);
  assert(address !== null);
  await using db = openPostgres(address, { statementTimeoutMs: 1000, answerTimeoutMs: 2000 });
  assertEquals(await db.query("SELECT 1 AS n"), [{ n: 1 }]);
  const said: string[] = [];
  const stop = new AbortController();
  const outlasting = patient(db, { signal: stop.signal, log: (_, line) => void said.push(line) });

  const frozen = await processTree(server.pid ?? 0);
  for (const pid of frozen) Deno.kill(pid, "SIGSTOP");
  try {
    await assertRejects(() => db.query("SELECT 2 AS n"), Error, "Query read timeout");
    await assertRejects(() => db.transaction((tx) => tx.query("SELECT 3")));
  } finally {
    const answer = outlasting.transaction((tx) => tx.query("SELECT 4 AS n"));
    await waitUntil(() => said.length > 0, { what: "the outage to be said", timeoutMs: 30_000 });
    for (const pid of frozen) Deno.kill(pid, "SIGCONT");
    assertEquals(await answer, [{ n: 4 }]);
  }
  assertEquals(said.length, 2, said.join("\n"));
});

/** A process and all that it has started. */
async function processTree(pid: number): Promise<number[]> {
  const children = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`);
  const pids = children.trim().split(" ").filter((text) => text !== "").map(Number);
  return [pid, ...(await Promise.all(pids.map(processTree))).flat()];
}
