import { assertEquals, assertGreater, assertRejects } from "@std/assert";
import type { Database } from "./database.ts";
import { patient } from "./outage.ts";

/** A database that answers with what the list says, one item a call. */
function scripted(answers: (Error | string)[]): { db: Database; calls: () => number } {
  let calls = 0;
  const next = () => {
    const answer = answers[calls++];
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve([{ answer }]);
  };
  const db: Database = {
    engine: "postgres",
    query: next,
    copyIn: () => next().then(() => {}),
    script: () => next().then(() => {}),
    async transaction(work) {
      const result = await work(db);
      await next();
      return result;
    },
    async [Symbol.asyncDispose]() {},
  };
  return { db, calls: () => calls };
}

const lost = () => new Error("Connection terminated unexpectedly");
const refused = () => Object.assign(new Error("connect"), { code: "ECONNREFUSED" });

function options(signal = new AbortController().signal) {
  const said: string[] = [];
  const log = (level: string, message: string) => void said.push(`${level} ${message}`);
  return { said, patience: { signal, log, firstWaitMs: 1, longestWaitMs: 4 } };
}

Deno.test("an outage is waited out and said once, however many it meets", async () => {
  const { db, calls } = scripted([lost(), refused(), refused(), "a", "b", lost(), "c"]);
  const { said, patience } = options();
  await using wrapped = patient(db, patience);
  assertEquals(await wrapped.query("SELECT 1"), [{ answer: "a" }]);
  await wrapped.script("SELECT 2");
  assertEquals(said.length, 2);
  assertEquals(
    said[0],
    "warning The database does not serve us (Connection terminated unexpectedly): trying until it does",
  );
  assertEquals(said[1]?.startsWith("info The database serves us again after"), true);
  await wrapped.copyIn("t", new Uint8Array());
  assertEquals([calls(), said.length], [7, 4]);
});

Deno.test("locks and load that let nothing through in time are waited out and said once", async () => {
  const late = (code: string) => Object.assign(new Error(`canceled by ${code}`), { code });
  const { db, calls } = scripted([late("55P03"), late("57014"), "a", late("55P03"), "b"]);
  const { said, patience } = options();
  await using wrapped = patient(db, patience);
  assertEquals(await wrapped.query("SELECT 1"), [{ answer: "a" }]);
  assertEquals(await wrapped.query("SELECT 2"), [{ answer: "b" }]);
  assertEquals(calls(), 5);
  assertEquals(said, [
    "warning Others keep the database from serving us in time (canceled by 55P03): trying until it does",
  ]);
});

Deno.test("a transaction is begun anew as a whole, also when COMMIT got no answer", async () => {
  const { db } = scripted(["one", lost(), "one again", "committed"]);
  const seen: unknown[] = [];
  const wrapped = patient(db, options().patience);
  const result = await wrapped.transaction(async (tx) => {
    seen.push(...await tx.query("SELECT 1"));
    return seen.length;
  });
  assertEquals([result, seen], [2, [{ answer: "one" }, { answer: "one again" }]]);
});

Deno.test("other errors are thrown at once", async () => {
  const { db, calls } = scripted([Object.assign(new Error("syntax"), { code: "42601" })]);
  const { said, patience } = options();
  await assertRejects(() => patient(db, patience).query("SELEC"), Error, "syntax");
  assertEquals([calls(), said], [1, []]);
});

Deno.test("the signal ends the waiting with the outage's own error", async () => {
  const stop = new AbortController();
  const { db, calls } = scripted(Array.from({ length: 1000 }, refused));
  const { patience } = options(stop.signal);
  const waiting = assertRejects(() => patient(db, patience).query("SELECT 1"), Error, "connect");
  await new Promise((resolve) => setTimeout(resolve, 30));
  stop.abort();
  await waiting;
  const atEnd = calls();
  assertGreater(atEnd, 1);
  await assertRejects(() => patient(db, patience).query("SELECT 1"), Error, "connect");
  assertEquals(calls(), atEnd + 1);
});

Deno.test("who waits goes on as soon as another finds that the database is back", async () => {
  const { db } = scripted([refused(), refused(), "back", "first", "second"]);
  const waits = { firstWaitMs: 3_600_000, longestWaitMs: 3_600_000 };
  const signal = new AbortController().signal;
  const patiently = patient(db, { signal, log: () => {}, ...waits });
  const [first, second] = [patiently.query("SELECT 1"), patiently.query("SELECT 2")];
  await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals(await patiently.query("SELECT 3"), [{ answer: "back" }]);
  assertEquals(await Promise.all([first, second]), [[{ answer: "first" }], [{ answer: "second" }]]);
});
