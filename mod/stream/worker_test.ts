import { assert, assertEquals, assertGreater, assertRejects } from "@std/assert";
import { testDatabase } from "../db/_test_database.ts";
import type { Database } from "../db/database.ts";
import { embeddedLog } from "../log/embedded_log.ts";
import { type EventLog, MissingTopicError } from "../log/event_log.ts";
import { PositionBeyondEndError } from "../log/log_errors.ts";
import { partitionOf } from "../log/partitioner.ts";
import { encodeEvent, type WireEvent } from "../mastodon/wire.ts";
import { play } from "./_play.ts";
import { ARRIVAL, NOON, remove, testScore, update } from "./_story.ts";
import { readTables } from "./_tables.ts";
import { WindowClockError } from "./finality.ts";
import type { BatchReport } from "./processor.ts";
import { runWorker, type WorkerOptions } from "./worker.ts";

const TOPIC = "t";
const ERRORS = "e";

async function openLog(db: Database, partitions: number): Promise<EventLog> {
  const log = embeddedLog(db, { now: () => ARRIVAL, pollMs: 5 });
  await log.createTopics([{ name: TOPIC, partitions }, { name: ERRORS, partitions: 1 }]);
  return log;
}

function append(log: EventLog, events: readonly (WireEvent | string)[]): Promise<void> {
  return log.append(
    TOPIC,
    events.map((event) =>
      typeof event === "string"
        ? { key: null, value: event }
        : { key: event.id, value: encodeEvent(event) }
    ),
  );
}

function options(db: Database, log: EventLog, given: Partial<WorkerOptions> = {}): WorkerOptions {
  return {
    db,
    log,
    topic: TOPIC,
    errorTopic: ERRORS,
    group: "g",
    windowS: 60,
    graceS: 30,
    idleTimeoutS: 3600,
    scorer: { version: "m1", score: testScore },
    tickMs: 10,
    signal: AbortSignal.timeout(60_000),
    ...given,
  };
}

function at(offsetMs: number): { created_at: string } {
  return { created_at: new Date(NOON + offsetMs).toISOString() };
}

/** Toots one second apart, an edit and a delete, and something that is none. */
function events(count: number): (WireEvent | string)[] {
  return [
    ...Array.from({ length: count }, (_, i) => update(String(i), at(i * 1000))),
    update("1", { ...at(1000), text: "edited", edited_at: new Date(NOON + 1).toISOString() }),
    remove("2"),
    "{",
  ];
}

async function finalUntil(db: Database): Promise<number | null> {
  const [row] = await db.query("SELECT final_until FROM masto.window_clock");
  const time = row?.final_until instanceof Date ? row.final_until.getTime() : NaN;
  return time === -8.64e15 ? null : time - NOON;
}

async function recordsOf(log: EventLog) {
  const ends = await log.offsets(TOPIC);
  return await Promise.all(
    [...ends.keys()].map(async (partition) => [
      ...await log.read(TOPIC, { partition, from: 0, limit: 10_000 }),
    ]),
  );
}

Deno.test("once: all that the log holds is processed, whatever the size of the batches", async () => {
  for (const maxBatchRecords of [7, 5000]) {
    await using db = await testDatabase();
    await using log = await openLog(db, 3);
    await append(log, events(100));
    let [reported, finals] = [0, 0];
    await runWorker(options(db, log, {
      once: true,
      maxBatchRecords,
      onBatch: ({ records }) => reported += records,
      onFinal: () => finals++,
    }));
    assertEquals(reported, 103);
    assertGreater(finals, 0);
    const tables = await readTables(db);
    const model = play(await recordsOf(log), { windowMs: 60_000, graceMs: 30_000 });
    model.advanceFinality();
    assertEquals(tables, model.tables());
    const letters = await log.read(ERRORS, { partition: 0, from: 0, limit: 10 });
    assertEquals(letters.map(({ headers }) => headers.reason), ["Malformed JSON"]);
    // Once more: nothing is left to do, and nothing changes.
    await runWorker(options(db, log, {
      once: true,
      onBatch: () => {
        throw new Error("A record was processed twice");
      },
    }));
    assertEquals(await readTables(db), tables);
  }
});

Deno.test("dead letters kept in the same embedded database are not waited for by a transaction", async () => {
  await using db = await testDatabase();
  await using log = await openLog(db, 3);
  await append(log, events(100));
  const undone: unknown[] = [];
  const watched: Database = {
    ...db,
    transaction: async (work, options) => {
      try {
        return await db.transaction(work, options);
      } catch (error) {
        undone.push(error);
        throw error;
      }
    },
  };
  let deadLetters = 0;
  const onBatch = (report: BatchReport) => deadLetters += report.deadLetters;
  await runWorker(options(watched, log, { once: true, onBatch }));
  assertEquals([deadLetters, undone], [1, []]);
});

Deno.test("a stored position beyond the log's end ends the worker at once", async () => {
  for (const once of [true, false]) {
    await using db = await testDatabase();
    await using log = await openLog(db, 1);
    await append(log, events(10));
    await runWorker(options(db, log, { once: true }));
    await db.query("DELETE FROM masto.log_records");
    await db.query("UPDATE masto.log_partitions SET next_offset = 0");
    await append(log, events(3));
    await assertRejects(
      () => runWorker(options(db, log, { once })),
      PositionBeyondEndError,
      "the topic is not the one that was read before",
    );
  }
});

Deno.test("once: records whose time in the log is over are not waited for", async () => {
  await using db = await testDatabase();
  await using log = await openLog(db, 2);
  await append(log, events(10));
  // Retention has emptied one partition and taken the oldest records of the other.
  const ends = await log.offsets(TOPIC);
  const end = ends.get(0)?.end ?? 0;
  assertGreater(end, 2);
  await db.query(
    "UPDATE masto.log_partitions SET start_offset = $1 WHERE topic = $2 AND partition = 0",
    [end, TOPIC],
  );
  await db.query("DELETE FROM masto.log_records WHERE topic = $1 AND partition = 0", [TOPIC]);
  await db.query(
    "UPDATE masto.log_partitions SET start_offset = 2 WHERE topic = $1 AND partition = 1",
    [TOPIC],
  );
  await db.query(
    "DELETE FROM masto.log_records WHERE topic = $1 AND partition = 1 AND record_offset < 2",
    [TOPIC],
  );
  let records = 0;
  await runWorker(options(db, log, {
    once: true,
    idleTimeoutS: 0,
    onBatch: (report) => records += report.records,
    signal: AbortSignal.timeout(5000),
  }));
  assertEquals(records, (ends.get(1)?.end ?? 0) - 2);
  // The emptied partition is as silent as one can be.
  const rows = await db.query("SELECT partition, is_idle FROM masto.stream_progress ORDER BY 1");
  assertEquals(rows.map(({ is_idle }) => is_idle), [true, true]);
});

Deno.test("a partition holds windows open until it has been silent for long enough", async () => {
  await using db = await testDatabase();
  await using log = await openLog(db, 2);
  const ids = Array.from({ length: 50 }, (_, i) => String(i));
  const [quick = "", slow = "", late = ""] = [0, 1, 1].map((partition, n) =>
    ids.filter((id) => partitionOf(id, 2) === partition)[n] ?? ""
  );
  await append(log, [update(quick, at(600_000)), update(slow, at(0))]);
  const once = (idleTimeoutS: number) => runWorker(options(db, log, { once: true, idleTimeoutS }));
  // Nobody is ever silent for so long: the slower partition's watermark counts.
  await once(Infinity);
  assertEquals(await finalUntil(db), -60_000);
  await once(3600);
  assertEquals(await finalUntil(db), -60_000);
  // The silence goes on while no worker runs.
  await db.query(
    "UPDATE masto.stream_progress SET updated_at = now() - interval '2 hours' WHERE partition = 1",
  );
  await once(3600);
  assertEquals(await finalUntil(db), 540_000);
  // It wakes: what comes for final windows is late, and finality stays where it is.
  await append(log, [update(late, at(2000))]);
  await once(3600);
  assertEquals(await finalUntil(db), 540_000);
  const { late_events, stream_progress } = await readTables(db);
  assertEquals(late_events.map(({ id }) => id), [late]);
  assertEquals(stream_progress.map(({ is_idle }) => is_idle), [false, false]);
});

Deno.test("a running worker takes what comes, finds silence, and ends when told", async () => {
  await using db = await testDatabase();
  await using log = await openLog(db, 2);
  const stop = new AbortController();
  const seen: number[] = [];
  let until = -Infinity;
  const { promise: silence, resolve: onSilence } = Promise.withResolvers<void>();
  const worker = runWorker(options(db, log, {
    idleTimeoutS: 0.05,
    signal: stop.signal,
    onBatch: ({ records }) => seen.push(records),
    onFinal: (finalUntilMs) => {
      until = finalUntilMs;
      if (finalUntilMs === NOON + 60_000) onSilence();
    },
  }));
  await append(log, [update("1", at(0))]);
  await append(log, [update("1", { ...at(95_000), edited_at: new Date(NOON).toISOString() })]);
  await silence;
  stop.abort();
  await worker;
  assertEquals(until, NOON + 60_000);
  assertEquals(seen.reduce((a, b) => a + b, 0), 2);
});

Deno.test("the batch in hand is committed when the worker is told to end", async () => {
  await using db = await testDatabase();
  await using log = await openLog(db, 1);
  await append(log, events(50));
  const stop = new AbortController();
  const counted: number[] = [];
  await runWorker(options(db, log, {
    maxBatchRecords: 10,
    signal: stop.signal,
    onBatch: ({ records }) => {
      counted.push(records);
      stop.abort();
    },
  }));
  assertEquals(counted, [10]);
  const { stream_progress, toots_raw } = await readTables(db);
  assertEquals([stream_progress[0]?.next_offset, toots_raw.length], ["10", 10]);
  await runWorker(options(db, log, { signal: AbortSignal.abort() }));
  assertEquals((await readTables(db)).toots_raw.length, 10);
});

Deno.test("two workers on the same partitions fence each other and count nothing twice", async () => {
  await using db = await testDatabase();
  const logs = [await openLog(db, 2), await openLog(db, 2)];
  const [first] = logs;
  assert(first !== undefined);
  await append(first, events(200));
  const batches = [0, 0];
  await Promise.all(
    logs.map((log, i) =>
      runWorker(options(db, log, {
        once: true,
        maxBatchRecords: 5,
        onBatch: () => batches[i] = (batches[i] ?? 0) + 1,
      }))
    ),
  );
  assert(batches.every((n) => n > 0), `both worked: ${batches}`);
  const model = play(await recordsOf(first), { windowMs: 60_000, graceMs: 30_000 });
  model.finalUntilMs = NOON + (await finalUntil(db) ?? -Infinity);
  assertEquals(await readTables(db), model.tables());
});

Deno.test("windows of another length or group, and a missing topic, end the worker at once", async () => {
  await using db = await testDatabase();
  await using log = await openLog(db, 1);
  await runWorker(options(db, log, { once: true }));
  await assertRejects(
    () => runWorker(options(db, log, { once: true, windowS: 120 })),
    WindowClockError,
    "WINDOW_S holds 120: it should be 60",
  );
  await assertRejects(
    () => runWorker(options(db, log, { once: true, group: "h" })),
    WindowClockError,
    'written by the group "g", not "h"',
  );
  await assertRejects(
    () => runWorker(options(db, log, { once: true, topic: "nowhere" })),
    MissingTopicError,
    'Topic "nowhere" does not exist',
  );
  await append(log, ["{"]);
  await assertRejects(
    () => runWorker(options(db, log, { once: true, errorTopic: "nowhere" })),
    MissingTopicError,
  );
});
