import { assert, assertEquals, assertGreater, assertRejects } from "@std/assert";
import { emptyTables, testDatabase } from "../db/_test_database.ts";
import type { Database } from "../db/database.ts";
import { FencedError, type NewRecord } from "../log/event_log.ts";
import { encodeEvent, type WireEvent } from "../mastodon/wire.ts";
import { CJK, hostileEvents, noise } from "./_hostile.ts";
import { play } from "./_play.ts";
import { batchOf, Crash, crashing, playDatabase, processorOptions } from "./_play_database.ts";
import { ARRIVAL, layOut, NOON, recordOf, remove, testScore, update } from "./_story.ts";
import { readTables } from "./_tables.ts";
import { claimWindows } from "./finality.ts";
import { type BatchReport, StreamProcessor } from "./processor.ts";

const OPTIONS = { windowMs: 60_000, graceMs: 30_000 };

Deno.test("whether a batch's toots are taken to be new cannot be told from the tables", async () => {
  const shared = { uri: "https://c.example/1" };
  const cases: readonly (readonly [stored: WireEvent[], batch: WireEvent[]])[] = [
    // A copy, and then the delete of the toot that it copies.
    [[update("1", shared)], [update("2", { ...shared, instance: "b" }), remove("1")]],
    // A copy that is deleted before it could break the unique key.
    [[update("1", shared)], [update("2", { ...shared, instance: "b" }), remove("2", "b")]],
    // A held toot that comes again under the uri of another.
    [[update("1")], [update("2", { ...shared, instance: "b" }), update("1", shared)]],
    // A repeated toot and its delete, and one after its delete.
    [[update("1")], [update("1"), remove("1")]],
    [[update("1")], [remove("1"), update("1")]],
    // The first version after a newer one.
    [[update("1", { edited_at: new Date(NOON).toISOString() })], [update("1")]],
    // An edit and its first version, in either order.
    [[], [update("1", { text: "b", edited_at: new Date(NOON).toISOString() }), update("1")]],
    [[update("1")], [update("1"), update("1", { edited_at: new Date(NOON).toISOString() })]],
    // The uri of a toot that is replaced within the batch.
    [[update("1", shared)], [remove("1"), update("3", shared), remove("3"), update("4", shared)]],
  ];
  await using db = await testDatabase();
  for (const [stored, batch] of cases) {
    await emptyTables(db);
    const log = layOut([...stored, ...batch].map(encodeEvent), 1);
    const step = { partition: 0, size: stored.length, finalize: false, idle: false } as const;
    // After the crash a new worker is as trusting as a worker can be.
    const steps = stored.length === 0 ? [] : [{ ...step, fate: "crash after commit" } as const];
    await playDatabase(db, log, { ...OPTIONS, steps });
    assertEquals(await readTables(db), play(log, OPTIONS).tables(), JSON.stringify(batch));
  }
});

Deno.test("no batch is rejected because of what one record holds", async () => {
  const values = hostileEvents().map(encodeEvent);
  await using db = await testDatabase();
  // All in one batch: inserted as edited. One by one: inserted, then updated.
  for (const size of [values.length, 1]) {
    await emptyTables(db);
    const log = layOut(values, 1);
    const step = { partition: 0, size, fate: "done", finalize: false, idle: false } as const;
    await playDatabase(db, log, { ...OPTIONS, steps: values.map(() => step) });
    const tables = await readTables(db);
    assertEquals(tables, play(log, OPTIONS).tables());
    assertEquals(tables.toots_raw.length, 20);
    assertEquals(tables.tombstones.length, 2);
  }
});

Deno.test("records that are no events become dead letters, with where they stood and why", async () => {
  await using db = await testDatabase();
  const bad: readonly string[] = [
    "{",
    encodeEvent(update("1", { created_at: "2026-13-45T99:99:99.999Z" })),
    encodeEvent(update("1", { created_at: new Date(ARRIVAL + 300_001).toISOString() })),
    encodeEvent(update("1", { uri: noise(2048, CJK) })),
    encodeEvent(update("1", { raw: JSON.parse(`{"d":${"[".repeat(99)}${"]".repeat(99)}}`) })),
    encodeEvent(remove("9223372036854775808")),
  ];
  const records = [...bad, encodeEvent(update("1"))].map((value, offset) =>
    recordOf(value, { offset, key: "1" })
  );
  const again = { ...recordOf("{", { offset: records.length }), headers: { attempt: "2" } };
  const odd = { ...recordOf("{", { offset: records.length + 1 }), headers: { attempt: "many" } };
  const letters: NewRecord[] = [];
  const appendErrors = (found: readonly NewRecord[]) =>
    Promise.resolve(void letters.push(...found));
  const processor = await start(db, { appendErrors });
  const report = await processor.process(batchOf([[...records, again, odd]], { partition: 0 }));
  assertEquals([report?.records, report?.deadLetters, report?.counts.toots], [9, 8, 1]);
  assertEquals(letters.map(({ headers }) => headers?.reason?.split(":")[0]), [
    "Malformed JSON",
    "Invalid toot.created_at",
    "Dated more than 5 minutes after its arrival",
    "Invalid toot.uri",
    "Invalid toot.raw",
    "Invalid id",
    "Malformed JSON",
    "Malformed JSON",
  ]);
  assertEquals(letters[0], {
    key: "1",
    value: new TextEncoder().encode("{"),
    headers: {
      stage: "stream",
      reason: "Malformed JSON",
      first_seen: new Date(ARRIVAL).toISOString(),
      attempt: "1",
      source_topic: "t",
      source_partition: "0",
      source_offset: "0",
    },
  });
  assertEquals(letters.slice(-2).map(({ headers }) => headers?.attempt), ["3", "1"]);
  const [position] = (await readTables(db)).stream_progress;
  assertEquals([position?.n_records, position?.n_dead_letters], ["9", "8"]);
});

Deno.test("a batch whose dead letters cannot be kept is not committed", async () => {
  await using db = await testDatabase();
  const processor = await start(db, { appendErrors: () => Promise.reject(new Error("full")) });
  const log = layOut(["{", encodeEvent(update("1"))], 1);
  await assertRejects(() => processor.process(batchOf(log, { partition: 0 })), Error, "full");
  const tables = await readTables(db);
  assertEquals([tables.toots_raw.length, tables.stream_progress[0]?.next_offset], [0, "0"]);
});

Deno.test("a batch whose dead letters take long is committed after them, and locks nothing meanwhile", async () => {
  // As a database of many connections: of an embedded one the letters are kept first.
  await using db: Database = { ...await testDatabase(), engine: "postgres" };
  const kept = Promise.withResolvers<void>();
  let appends = 0;
  const processor = await start(db, { appendErrors: () => (appends++, kept.promise) });
  const log = layOut(["{", encodeEvent(update("1"))], 1);
  const done = processor.process(batchOf(log, { partition: 0 }));
  await new Promise((resolve) => setTimeout(resolve, 1300));
  // The embedded database takes no other statement while a transaction is open.
  const before = await readTables(db);
  assertEquals([before.toots_raw.length, before.stream_progress[0]?.next_offset], [0, "0"]);
  kept.resolve();
  assertEquals((await done)?.deadLetters, 1);
  const after = await readTables(db);
  assertEquals([after.toots_raw.length, after.stream_progress[0]?.next_offset], [1, "2"]);
  assertEquals(appends, 1);
});

Deno.test("a batch is reported as it was", async () => {
  await using db = await testDatabase();
  const processor = await start(db);
  const at = (ms: number) => ({ created_at: new Date(NOON + ms).toISOString() });
  const events = [update("1", at(0)), update("2", at(90_000)), update("3", at(0)), remove("1")];
  const log = layOut(["{", ...events.map(encodeEvent)], 1);
  const report = await processor.process(batchOf(log, { partition: 0 }));
  assert(report !== null);
  const { durationMs, ...rest } = report;
  assertEquals(
    rest,
    {
      partition: 0,
      startOffset: 0,
      nextOffset: 5,
      records: 5,
      deadLetters: 1,
      counts: {
        toots: 3,
        duplicates: 0,
        copies: 0,
        edits: 0,
        stale: 0,
        deletes: 1,
        unknown: 0,
        afterDelete: 0,
        late: 1,
        optOuts: 0,
        withdrawn: 0,
      },
      eventTime: { min: NOON, max: NOON + 90_000, sum: 3 * NOON + 90_000, count: 3 },
      watermarkMs: NOON + 60_000,
      rowsChanged: 2,
    } satisfies Omit<BatchReport, "durationMs">,
  );
  assertGreater(durationMs.commit, 0);
  const dead = await processor.process(batchOf(layOut(["{", "{", "{", "{", "{", "{"], 1), {
    partition: 0,
    from: 5,
  }));
  assertEquals([dead?.eventTime, dead?.watermarkMs], [null, NOON + 60_000]);
});

Deno.test("a worker that another has overtaken is fenced and changes nothing", async () => {
  await using db = await testDatabase();
  const log = layOut(["1", "2", "3", "4"].map((id) => encodeEvent(update(id))), 1);
  const slow = await start(db);
  const quick = await start(db);
  await quick.process(batchOf(log, { partition: 0, size: 3 }));
  const before = await readTables(db);
  const error = await assertRejects(
    () => slow.process(batchOf(log, { partition: 0, size: 2 })),
    FencedError,
    "expected next offset 0, found 3",
  );
  assertEquals(error.message.includes("t partition 0"), true);
  assertEquals(await readTables(db), before);
  assertEquals(await slow.positions([0]), new Map([[0, 3]]));
  // What the log hands out once more is passed over.
  const report = await slow.process(batchOf(log, { partition: 0 }));
  assertEquals([report?.startOffset, report?.records], [3, 1]);
  assertEquals((await readTables(db)).toots_raw.length, 4);
});

Deno.test("a partition that is not held, or holds nothing new, is left alone", async () => {
  await using db = await testDatabase();
  const log = layOut([encodeEvent(update("1"))], 1);
  const processor = await start(db);
  assertEquals(await processor.process({ ...batchOf(log, { partition: 0 }), partition: 1 }), null);
  await processor.process(batchOf(log, { partition: 0 }));
  assertEquals(await processor.process(batchOf(log, { partition: 0 })), null);
  assertEquals(processor.nextOffset(0), 1);
  processor.release([0]);
  assertEquals(processor.nextOffset(0), null);
  assertEquals(await processor.process(batchOf(log, { partition: 0 })), null);
  // Its row is gone: somebody else's doing.
  await processor.positions([0]);
  await db.query("DELETE FROM masto.stream_progress");
  const more = layOut(["1", "2"].map((id) => encodeEvent(update(id))), 1);
  await assertRejects(
    () => processor.process(batchOf(more, { partition: 0 })),
    FencedError,
    "found none",
  );
});

Deno.test("a batch that meets another transaction is tried again, any other failure is not", async () => {
  await using db = await testDatabase();
  let tries = 0;
  const failing = (code: string, times: number): Database => ({
    ...crashing(db, "after commit"),
    transaction<T>(...[work, options]: Parameters<typeof db.transaction<T>>): Promise<T> {
      return db.transaction(async (tx) => {
        const result = await work(tx);
        if (tries++ < times) throw Object.assign(new Error(code), { code });
        return result;
      }, options);
    },
  });
  for (const [i, code] of ["40P01", "40001", "23505", "55P03"].entries()) {
    tries = 0;
    await emptyTables(db);
    const processor = await start(db, { db: failing(code, 2) });
    const report = await processor.process(
      batchOf(layOut([encodeEvent(update(String(i)))], 1), { partition: 0 }),
    );
    assertEquals([tries, report?.counts.toots], [3, 1]);
    assertEquals((await readTables(db)).toots_raw.length, 1);
  }
  tries = 0;
  await emptyTables(db);
  const processor = await start(db, { db: failing("53100", 1) });
  const log = layOut([encodeEvent(update("1"))], 1);
  await assertRejects(() => processor.process(batchOf(log, { partition: 0 })), Error, "53100");
  assertEquals(tries, 1);
  // The batch is still to be done.
  await processor.process(batchOf(log, { partition: 0 }));
  assertEquals((await readTables(db)).toots_raw.length, 1);
});

Deno.test("a crash before the commit leaves nothing, one after it everything", async () => {
  await using db = await testDatabase();
  const log = layOut([encodeEvent(update("1")), "{"], 1);
  const before = await start(db, { db: crashing(db, "before commit") });
  await assertRejects(() => before.process(batchOf(log, { partition: 0 })), Crash);
  const tables = await readTables(db);
  assertEquals([tables.toots_raw, tables.toot_metrics_windowed], [[], []]);
  assertEquals(tables.stream_progress[0]?.next_offset, "0");
  const after = await start(db, { db: crashing(db, "after commit") });
  await assertRejects(() => after.process(batchOf(log, { partition: 0 })), Crash);
  assertEquals(await readTables(db), play(log, OPTIONS).tables());
});

Deno.test("without a scorer nothing is scored, and an edit takes an old prediction away", async () => {
  await using db = await testDatabase();
  const edit = { text: "less", edited_at: new Date(NOON + 1000).toISOString() };
  const log = layOut([update("1"), update("2"), update("1", edit)].map(encodeEvent), 1);
  const scoring = await start(db);
  await scoring.process(batchOf(log, { partition: 0, size: 2 }));
  const silent = await start(db, { scorer: null });
  await silent.process(batchOf(log, { partition: 0, from: 2 }));
  const { toots_sentiment, sentiment_windowed } = await readTables(db);
  assertEquals(toots_sentiment.map(({ id }) => id), ["2"]);
  assertEquals(sentiment_windowed.map(({ n_scored }) => n_scored), [1]);
});

async function start(
  db: Database,
  given: Parameters<typeof processorOptions>[1] = {},
): Promise<StreamProcessor> {
  await claimWindows(db, { group: "g", windowS: 60 });
  const processor = new StreamProcessor(processorOptions(db, given));
  await processor.positions([0]);
  return processor;
}

Deno.test("toots that are scored many at once get the scores that they get one by one", async () => {
  await using db = await testDatabase();
  // Languages are whatever a record says: joined to the text with a space these two are one.
  const hostile = [
    update("1000", { lang: "en", text: "bad day" }),
    update("1001", { lang: "en bad", text: "day" }),
  ];
  const texts = ["tea", "much ado", "", "né🐘"];
  const many = Array.from(
    { length: 300 },
    (_, i) =>
      update(String(i), { text: texts[i % 4] ?? "", lang: ["en", "de", "und"][i % 3] ?? "en" }),
  );
  const log = layOut([...many, ...hostile].map(encodeEvent), 1);
  let sent = 0;
  const processor = await start(db, {
    scorer: {
      version: "m1",
      score: () => {
        throw new Error("One by one");
      },
      scoreMany: (toots) => {
        sent += toots.length;
        return Promise.resolve(toots.map(({ text, lang }) => testScore(text, lang)));
      },
    },
  });
  await processor.process(batchOf(log, { partition: 0 }));
  assertEquals(sent, 302);
  assertEquals(await readTables(db), play(log, OPTIONS).tables());
});
