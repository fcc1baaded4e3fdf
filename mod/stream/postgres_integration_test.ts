import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { parsePgUrl } from "../config/pg_url.ts";
import { emptyTables, testDatabase } from "../db/_test_database.ts";
import type { Database } from "../db/database.ts";
import { migrate, readMigrations } from "../db/migrations.ts";
import { openPostgres } from "../db/postgres.ts";
import { embeddedLog } from "../log/embedded_log.ts";
import type { LogRecord } from "../log/event_log.ts";
import { encodeEvent, type WireEvent } from "../mastodon/wire.ts";
import { labelOf } from "../sentiment/scorer.ts";
import { type PostgresServer, startPostgres } from "../testing/postgres.ts";
import { hostileEvents } from "./_hostile.ts";
import { NAMES } from "./_memory_rows.ts";
import { anySteps, play } from "./_play.ts";
import { batchOf, playDatabase, processorOptions } from "./_play_database.ts";
import { layOut, NOON, remove, shuffled, story, testScore, update } from "./_story.ts";
import { readTables } from "./_tables.ts";
import { wrongWindows } from "./_wrong_windows.ts";
import { advanceFinality, claimWindows } from "./finality.ts";
import { type BatchReport, StreamProcessor } from "./processor.ts";
import { rescore } from "./rescore.ts";
import { runWorker } from "./worker.ts";

const WINDOW_S = 7;
const OPTIONS = { windowMs: WINDOW_S * 1000, graceMs: 30_000 };
const { group, topic } = NAMES;

let server: PostgresServer;

Deno.test.beforeAll(async () => {
  // The waits of transactions that deadlock are ended soon, so that a test with any is not slow.
  server = await startPostgres({ settings: { deadlock_timeout: "50ms", fsync: "off" } });
  await using db = connect();
  await migrate(db, await readMigrations());
});

Deno.test.afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

function connect(): Database {
  const address = parsePgUrl(server.url);
  assert(address !== null);
  return openPostgres(address);
}

/** A pool with nothing in its tables. */
async function open(): Promise<Database> {
  const db = connect();
  await emptyTables(db);
  await claimWindows(db, { group, windowS: WINDOW_S });
  return db;
}

/** Toots of a few authors within the grace, some edited, repeated or deleted, in mixed order. */
function busyMinute(
  toots: number,
  given: (i: number) => Parameters<typeof update>[1] = () => ({}),
) {
  const events = Array.from({ length: toots }, (_, i): WireEvent[] => {
    const id = String(i);
    const toot = {
      created_at: new Date(NOON + (i * 7919) % 25_000).toISOString(),
      account_id: `author ${i % 23}`,
      lang: ["en", "de", "und"][i % 3] ?? "en",
      text: "x".repeat(i % 50),
      ...given(i),
    };
    const edit = { ...toot, text: `${toot.text}!`, edited_at: new Date(NOON + i).toISOString() };
    return [
      update(id, toot),
      ...(i % 4 === 0 ? [update(id, toot)] : []),
      ...(i % 5 === 0 ? [update(id, edit)] : []),
      ...(i % 11 === 0 ? [remove(id)] : []),
    ];
  }).flat();
  // Far enough for edits to meet toots of other batches, always the same way.
  return events.map((event, i) => ({ event, at: i + (i * 48_271) % 997 }))
    .sort((a, b) => a.at - b.at).map(({ event }) => encodeEvent(event));
}

/** One worker for each partition of a log, all at once. */
async function workAll(
  db: Database,
  log: readonly LogRecord[][],
  { size, signal }: { size: number; signal?: AbortSignal },
): Promise<BatchReport[]> {
  const reports = await Promise.all(log.map(async (records, partition) => {
    const processor = new StreamProcessor(processorOptions(db, OPTIONS));
    await processor.positions([partition]);
    const found: BatchReport[] = [];
    for (let from = 0; from < records.length && !signal?.aborted; from += size) {
      const report = await processor.process(batchOf(log, { partition, from, size }));
      if (report !== null) found.push(report);
    }
    return found;
  }));
  return reports.flat();
}

async function deadlocks(db: Database): Promise<unknown> {
  await db.query("SELECT pg_stat_clear_snapshot()");
  return (await db.query(
    "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()",
  ))[0]?.deadlocks;
}

Deno.test("workers whose batches meet in every window neither deadlock nor miscount", async () => {
  await using db = await open();
  const before = await deadlocks(db);
  const log = layOut(busyMinute(3000), 4);
  const stop = new AbortController();
  const finality = (async () => {
    while (!stop.signal.aborted) await advanceFinality(db, { group, topic, ...OPTIONS });
  })();
  await workAll(db, log, { size: 60 });
  stop.abort();
  await finality;
  const model = play(log, OPTIONS);
  model.advanceFinality();
  await advanceFinality(db, { group, topic, ...OPTIONS });
  assertEquals(await readTables(db), model.tables());
  assertEquals(await wrongWindows(db, WINDOW_S), []);
  assertEquals(await deadlocks(db), before);
});

Deno.test("a uri that two workers bring at once stands once", async () => {
  await using db = await open();
  const values = busyMinute(600, (i) => ({
    uri: `https://c.example/${Math.floor(i / 2)}`,
    instance: i % 2 === 0 ? "a.example" : "b.example",
  }));
  const log = layOut(values, 4);
  const reports = await workAll(db, log, { size: 40 });
  assertEquals(await wrongWindows(db, WINDOW_S), []);
  const sum = (pick: (report: BatchReport) => number) =>
    reports.reduce((total, report) => total + pick(report), 0);
  assert(sum(({ counts }) => counts.copies) > 100);
  const counted = sum(({ counts: { late: _, withdrawn: __, ...counts } }) =>
    Object.values(counts).reduce((a, b) => a + b, 0)
  );
  assertEquals(counted, values.length);
  const { toots_raw } = await readTables(db);
  assertEquals(toots_raw.length, sum(({ counts }) => counts.toots - counts.deletes));
});

Deno.test("a job that scores toots while the stream edits them leaves the sums right", async () => {
  await using db = await open();
  const log = layOut(busyMinute(2500), 3);
  const stop = new AbortController();
  let [rounds, written] = [0, 0];
  const scoring = (async () => {
    // Each round is a newer model, so that there is always something to score.
    while (!stop.signal.aborted) {
      const shift = ++rounds % 7 / 10;
      const scorer = {
        version: `m${rounds + 1}`,
        score: (_: string, lang: string) => ({
          lang,
          probability: shift,
          label: labelOf(shift, { low: 0.45, high: 0.55 }),
        }),
      };
      const languages = ["en", "de", "und"];
      const result = await rescore(db, { scorer, languages, batchSize: 50 });
      written += result.written;
    }
  })();
  await workAll(db, log, { size: 25 });
  stop.abort();
  await scoring;
  assert(rounds > 1 && written > 100, `${rounds} rounds, ${written} written`);
  assertEquals(await wrongWindows(db, WINDOW_S), []);
});

Deno.test("the same log gives equal tables on PostgreSQL and embedded", async () => {
  await fc.assert(
    fc.asyncProperty(
      shuffled(story({ spreadMs: 300_000, poison: true, sharedUris: true })),
      fc.integer({ min: 1, max: 3 }),
      anySteps({ idle: true }),
      async (values, partitions, steps) => {
        await using real = await open();
        await using embedded = await testDatabase();
        const log = layOut(values, partitions);
        await playDatabase(real, log, { ...OPTIONS, steps });
        await playDatabase(embedded, log, { ...OPTIONS, steps });
        assertEquals(await readTables(real), await readTables(embedded));
      },
    ),
    { numRuns: 25 },
  );
});

Deno.test("no batch is rejected because of what one record holds", async () => {
  const log = layOut(hostileEvents().map(encodeEvent), 1);
  for (const size of [1000, 1]) {
    await using db = await open();
    const step = { partition: 0, size, fate: "done", finalize: false, idle: false } as const;
    await playDatabase(db, log, { ...OPTIONS, steps: Array(50).fill(step) });
    assertEquals(await readTables(db), play(log, OPTIONS).tables());
  }
});

Deno.test("workers of one log that is kept in PostgreSQL fence each other and lose nothing", async () => {
  await using db = await open();
  await using first = connect();
  await using second = connect();
  const values = busyMinute(800);
  const log = embeddedLog(db, { now: () => NOON + 3_600_000 });
  await log.createTopics([{ name: topic, partitions: 2 }, { name: "e", partitions: 1 }]);
  const records = values.map((value) => ({ key: /"id":"(\d+)"/.exec(value)?.[1] ?? "", value }));
  await log.append(topic, records);
  let batches = 0;
  const work = (own: Database) =>
    runWorker({
      db: own,
      log: embeddedLog(own, { pollMs: 5 }),
      topic,
      errorTopic: "e",
      group,
      windowS: 7,
      graceS: 30,
      idleTimeoutS: 3600,
      scorer: { version: NAMES.model, score: testScore },
      once: true,
      maxBatchRecords: 20,
      tickMs: 20,
      signal: AbortSignal.timeout(120_000),
      onBatch: () => batches++,
    });
  await Promise.all([work(first), work(second)]);
  assert(batches >= values.length / 20);
  const model = play(layOut(values, 2, { atOnce: true }), OPTIONS);
  model.advanceFinality();
  assertEquals(await readTables(db), model.tables());
});
