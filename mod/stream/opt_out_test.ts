import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { testDatabase } from "../db/_test_database.ts";
import type { LogRecord } from "../log/event_log.ts";
import { encodeEvent, type WireEvent } from "../mastodon/wire.ts";
import { anySteps } from "./_play.ts";
import { batchOf, Crash, crashing, playDatabase, processorOptions } from "./_play_database.ts";
import { ARRIVAL, NOON, remove, update } from "./_story.ts";
import { readTables, type Tables } from "./_tables.ts";
import { claimWindows } from "./finality.ts";
import { StreamProcessor } from "./processor.ts";

const encoder = new TextEncoder();

/** Events in the order of their arrival, a second apart, each in the partition that it names. */
function logOf(events: readonly (readonly [partition: number, event: WireEvent])[]): LogRecord[][] {
  const partitions: LogRecord[][] = [[], [], []];
  events.forEach(([partition, event], i) => {
    const records = partitions[partition] ?? [];
    records.push({
      offset: records.length,
      key: null,
      value: encoder.encode(encodeEvent(event)),
      timestamp: ARRIVAL + i * 1000,
      headers: {},
    });
  });
  return partitions;
}

function optOut(account_id: string): WireEvent {
  return { v: 1, type: "opt_out", instance: "a.example", id: "99", account_id };
}

/** What must agree: all but when a tombstone was set and what the counters say. */
function facts({ stream_progress: _, tombstones, ...rest }: Tables) {
  return { ...rest, tombstones: tombstones.map(({ instance, id }) => `${instance} ${id}`) };
}

const options = { windowMs: 60_000, graceMs: 30_000 };
const edited_at = new Date(NOON + 5000).toISOString();

Deno.test("a copy from before an opt-out takes back what arrived after it, in one batch or two", async () => {
  // Two followers of a server whose clocks differ: the copy was stamped first and comes last.
  const toot = encoder.encode(encodeEvent(update("1", { account_id: "ann" })));
  const record = { key: null, value: toot, headers: {} };
  const copies = [
    { ...record, offset: 0, timestamp: ARRIVAL + 10_000 },
    { ...record, offset: 1, timestamp: ARRIVAL },
  ];
  const [, wish = []] = logOf([[0, update("0")], [1, optOut("ann")]]);
  for (const batches of [[copies], copies.map((copy) => [copy])]) {
    await using db = await testDatabase();
    const given = processorOptions(db, options);
    await claimWindows(db, { group: given.group, windowS: 60 });
    const processor = new StreamProcessor(given);
    await processor.positions([0, 1]);
    await processor.process({ topic: given.topic, partition: 1, records: wish, endOffset: 1 });
    for (const records of batches) {
      await processor.process({ topic: given.topic, partition: 0, records, endOffset: 2 });
    }
    const { toots_raw, tombstones } = await readTables(db);
    assertEquals([toots_raw.length, tombstones.length], [0, 1], `${batches.length} batches`);
  }
});

Deno.test("an opt-out takes back what was collected, wherever it is, and nothing else", async () => {
  await using db = await testDatabase();
  const log = logOf([
    [0, update("1", { account_id: "ann" })],
    [1, update("2", { account_id: "ann", text: "coffee" })],
    [1, update("3", { account_id: "bob" })],
    // Late: it stands in no window.
    [0, update("4", { account_id: "ann", created_at: new Date(NOON - 600_000).toISOString() })],
    [2, optOut("ann")],
    [0, update("1", { account_id: "ann", edited_at, text: "an edit by hook or crook" })],
    // She has changed her mind, so this one is collected again.
    [1, update("5", { account_id: "ann", text: "hello again" })],
  ]);
  await playDatabase(db, log, options);
  const tables = await readTables(db);
  assertEquals(tables.toots_raw.map(({ id }) => id), ["3", "5"]);
  assertEquals(tables.toots_sentiment.map(({ id }) => id), ["3", "5"]);
  assertEquals(tables.late_events, []);
  assertEquals(tables.tombstones.map(({ id }) => id), ["1", "2", "4"]);
  assertEquals(tables.toot_metrics_windowed.map(({ n_toots }) => n_toots), [2]);
  assertEquals(
    tables.user_avg_length_windowed.map(({ account_id, n_toots }) => [account_id, n_toots]),
    [["ann", 1], ["bob", 1]],
  );
  assertEquals(tables.sentiment_windowed.map(({ n_scored }) => n_scored), [2]);
});

Deno.test("any order of the partitions, any batches and any crash end in the same tables", async () => {
  const author = fc.constantFrom("ann", "bob");
  const event = fc.oneof(
    { arbitrary: fc.record({ id: fc.nat(7), author, edit: fc.boolean() }), weight: 6 },
    { arbitrary: fc.record({ optOut: author }), weight: 2 },
    { arbitrary: fc.record({ remove: fc.nat(7) }), weight: 1 },
  );
  let gone = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { minLength: 3, maxLength: 20 }),
      fc.tuple(anySteps(), anySteps()),
      async (story, [one, other]) => {
        const log = logOf(story.map((told): [number, WireEvent] => {
          if ("optOut" in told) return [2, optOut(told.optOut)];
          // A toot's events share a partition, and its author does not change.
          const id = String("id" in told ? told.id : told.remove);
          const partition = Number(id) % 3;
          if ("remove" in told) return [partition, remove(id)];
          const account_id = Number(id) % 2 === 0 ? "ann" : "bob";
          return [
            partition,
            update(id, { account_id, ...(told.edit && { edited_at, text: "!" }) }),
          ];
        }));
        const results = [];
        for (const steps of [one, other]) {
          await using db = await testDatabase();
          await playDatabase(db, log, { ...options, steps });
          // When windows became final depends on the steps.
          await db.query("UPDATE masto.window_clock SET final_until = '-infinity'");
          const tables = await readTables(db);
          gone += tables.tombstones.length;
          results.push(facts(tables));
        }
        assertEquals(results[0], results[1]);
      },
    ),
    { numRuns: 60 },
  );
  assertEquals(gone > 100, true, `${gone} tombstones: the stories say little`);
});

Deno.test("a worker hears of opt-outs that another has told of since it last looked", async () => {
  await using db = await testDatabase();
  await claimWindows(db, { group: "g", windowS: 60 });
  const log = logOf([
    [0, update("1", { account_id: "cat" })],
    [1, optOut("ann")],
    [0, update("2", { account_id: "cat" })],
    [0, update("3", { account_id: "ann" })],
    [1, optOut("bob")],
    [1, optOut("ann")],
    [0, update("4", { account_id: "cat" })],
  ]);
  // What reached the log before an opt-out did may be read after it.
  for (const record of log[0] ?? []) Object.assign(record, { timestamp: ARRIVAL });
  const workers = [0, 1].map(() => new StreamProcessor(processorOptions(db)));
  for (const [partition, worker] of workers.entries()) await worker.positions([partition]);
  for (const partition of [0, 1, 0, 0, 1, 1, 0]) {
    const from = workers[partition]?.nextOffset(partition) ?? 0;
    await workers[partition]?.process(batchOf(log, { partition, from, size: 1 }));
  }
  assertEquals((await readTables(db)).toots_raw.map(({ id }) => id), ["1", "2", "4"]);
});

Deno.test("an opt-out whose transaction failed is not taken for one", async () => {
  await using db = await testDatabase();
  await claimWindows(db, { group: "g", windowS: 60 });
  const log = logOf([[0, update("1", { account_id: "ann" })], [1, optOut("ann")]]);
  let fails = false;
  const failing = {
    ...crashing(db, "before commit"),
    transaction: <T>(...given: Parameters<typeof db.transaction<T>>) =>
      (fails ? crashing(db, "before commit") : db).transaction(...given),
  };
  const processor = new StreamProcessor(processorOptions(failing));
  await processor.positions([0, 1]);
  fails = true;
  await assertRejects(() => processor.process(batchOf(log, { partition: 1 })), Crash);
  fails = false;
  await processor.process(batchOf(log, { partition: 0 }));
  assertEquals((await readTables(db)).toots_raw.map(({ id }) => id), ["1"]);
});
