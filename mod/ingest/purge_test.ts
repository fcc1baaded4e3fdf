import { assertEquals } from "@std/assert";
import { testDatabase } from "../db/_test_database.ts";
import type { Database } from "../db/database.ts";
import { embeddedLog } from "../log/embedded_log.ts";
import { encodeEvent, type WireEvent } from "../mastodon/wire.ts";
import { playDatabase } from "../stream/_play_database.ts";
import { ARRIVAL, layOut, NOON, update } from "../stream/_story.ts";
import { readTables } from "../stream/_tables.ts";
import {
  purgeEmbeddedLog,
  purgeMarks,
  purgeOldToots,
  type PurgeTarget,
  purgeToots,
  trimEmbeddedLog,
} from "./purge.ts";

const DAY_MS = 86_400_000;
const WINDOW = { windowMs: 60_000, graceMs: 30_000 };

/** Toots of three authors on two servers over two minutes, one in ten of them late. */
const EVENTS: readonly WireEvent[] = Array.from({ length: 90 }, (_, i) => {
  const account_id = ["ann", "bob", "cat"][i % 3] ?? "";
  const host = account_id === "cat" ? "far.example" : "a.example";
  const late = i > 45 && i % 10 === 0 ? 600_000 : 0;
  return update(String(1000 + i), {
    account_id,
    uri: `hmac://${host}/${i}`,
    created_at: new Date(NOON + i * 1300 - late).toISOString(),
    text: "tea ".repeat(i % 7 + 1),
    lang: i % 2 === 0 ? "en" : "de",
  });
});

async function played(events: readonly WireEvent[]): Promise<Database> {
  const db = await testDatabase();
  await playDatabase(db, layOut(events.map(encodeEvent), 2), WINDOW);
  return db;
}

/** Everything but the stream's own counters, the tombstones and what depends on other toots. */
async function facts(db: Database) {
  const { stream_progress: _, tombstones: _gone, late_events, ...rest } = await readTables(db);
  return { ...rest, late: late_events.map(({ id }) => id) };
}

const TARGETS: readonly { target: PurgeTarget; keep: (event: WireEvent) => boolean; n: number }[] =
  [
    {
      target: { kind: "author", accountId: "ann" },
      keep: (event) => "toot" in event && event.toot.account_id !== "ann",
      n: 30,
    },
    {
      target: { kind: "domain", domain: "far.example" },
      keep: (event) => "toot" in event && event.toot.account_id !== "cat",
      n: 30,
    },
    { target: { kind: "domain", domain: "a.example" }, keep: () => false, n: 90 },
  ];

for (const { target, keep, n } of TARGETS) {
  const name = target.kind === "author" ? target.accountId : target.domain;
  Deno.test(`purging ${name} leaves the tables as if it had never been there`, async () => {
    await using db = await played(EVENTS);
    const before = await facts(db);
    const options = { dryRun: true, batchSize: 7 };
    assertEquals(await purgeToots(db, { target, options }), n);
    assertEquals(await facts(db), before, "a dry run changes nothing");
    assertEquals(await purgeToots(db, { target, options: { ...options, dryRun: false } }), n);
    const after = await facts(db);
    const { tombstones } = await readTables(db);
    assertEquals(tombstones.length, n);
    // Which toots are late depends on those before them, so the rest is recounted from the rows.
    const lateBefore = new Set(before.late);
    const kept = EVENTS.filter(keep).map(({ id }) => id);
    assertEquals(after.toots_raw.map(({ id }) => id), kept);
    assertEquals(after.toots_sentiment.map(({ id }) => id), kept);
    assertEquals(after.late, kept.filter((id) => lateBefore.has(id)));
    const inTime = after.toots_raw.filter(({ is_late }) => is_late === false);
    const sum = (rows: readonly Record<string, unknown>[], of: string) =>
      rows.reduce((total, row) => total + Number(row[of]), 0);
    assertEquals(sum(after.toot_metrics_windowed, "n_toots"), inTime.length);
    assertEquals(sum(after.user_avg_length_windowed, "n_toots"), inTime.length);
    assertEquals(sum(after.sentiment_windowed, "n_scored"), inTime.length);
    const authors = new Set(after.user_avg_length_windowed.map(({ account_id }) => account_id));
    assertEquals(authors, new Set(inTime.map(({ account_id }) => account_id)));
  });
}

Deno.test("an author's toots that the log still holds do not come back after a purge", async () => {
  await using db = await testDatabase();
  const target: PurgeTarget = { kind: "author", accountId: "ann" };
  const now = () => ARRIVAL + DAY_MS;
  await purgeToots(db, { target, options: { dryRun: false, now } });
  await playDatabase(db, layOut(EVENTS.map(encodeEvent), 2), WINDOW);
  const { toots_raw } = await facts(db);
  assertEquals(toots_raw.length, 60);
  assertEquals(toots_raw.some(({ account_id }) => account_id === "ann"), false);
});

Deno.test("purging by age leaves the windows as they are", async () => {
  await using db = await played(EVENTS);
  const before = await facts(db);
  const beforeMs = NOON + 45 * 1300;
  const old = before.toots_raw.filter(({ created_at }) =>
    Date.parse(String(created_at)) < beforeMs
  );
  assertEquals(await purgeOldToots(db, { beforeMs, options: { dryRun: true } }), old.length);
  assertEquals(await facts(db), before);
  const options = { dryRun: false, batchSize: 10 };
  assertEquals(await purgeOldToots(db, { beforeMs, options }), old.length);
  const after = await facts(db);
  assertEquals(after.toots_raw.length, 90 - old.length);
  assertEquals(after.toots_sentiment.length, 90 - old.length);
  for (
    const table of [
      "toot_metrics_windowed",
      "user_avg_length_windowed",
      "sentiment_windowed",
    ] as const
  ) assertEquals(after[table], before[table]);
});

Deno.test("tombstones and filled gaps expire, open gaps stay", async () => {
  await using db = await testDatabase();
  await db.script(`
    INSERT INTO masto.tombstones VALUES ('a', 1, '2026-01-01'), ('a', 2, '2026-01-20');
    INSERT INTO masto.ingest_gaps
      (instance, stream, to_at, reason, outcome, detail, n_fetched, n_filled, is_open)
    VALUES ('a', 'public', '2026-01-01', 'cut', 'filled', '', 1, 1, false),
           ('a', 'public', '2026-01-01', 'cut', 'closed', '', 0, 0, true),
           ('a', 'public', '2026-01-20', 'cut', 'filled', '', 1, 1, false)`);
  const beforeMs = Date.UTC(2026, 0, 10);
  const expected = { tombstones: 1, gaps: 1 };
  assertEquals(await purgeMarks(db, { beforeMs, dryRun: true }), expected);
  assertEquals(await purgeMarks(db, { beforeMs, dryRun: false }), expected);
  assertEquals(await purgeMarks(db, { beforeMs, dryRun: false }), { tombstones: 0, gaps: 0 });
  assertEquals((await db.query("SELECT 1 FROM masto.ingest_gaps")).length, 2);
});

Deno.test("the embedded log is trimmed no further than it was read", async () => {
  await using db = await testDatabase();
  let now = ARRIVAL;
  const log = embeddedLog(db, { now: () => now });
  await log.createTopics([{ name: "t", partitions: 1 }, { name: "e", partitions: 1 }]);
  for (let day = 0; day < 10; day++) {
    now = ARRIVAL + day * DAY_MS;
    await log.append("t", [{ key: "1", value: `{"day":${day}}` }]);
    await log.append("e", [{ key: null, value: `{"day":${day}}` }]);
  }
  await db.query(
    `INSERT INTO masto.stream_progress (worker_group, topic, partition, next_offset)
     VALUES ('g', 't', 0, 3), ('h', 't', 0, 8)`,
  );
  const beforeMs = ARRIVAL + 5.5 * DAY_MS;
  // 3 of topic t, where group g stands; 6 of topic e, which no group reads.
  assertEquals(await trimEmbeddedLog(db, { beforeMs, dryRun: true }), 9);
  assertEquals(await trimEmbeddedLog(db, { beforeMs, dryRun: false }), 9);
  assertEquals((await log.offsets("t")).get(0), { start: 3, end: 10 });
  assertEquals((await log.offsets("e")).get(0), { start: 6, end: 10 });
  assertEquals((await log.read("t", { partition: 0, from: 0, limit: 9 }))[0]?.offset, 3);
});

Deno.test("an author is purged from the embedded log where it was read", async () => {
  await using db = await testDatabase();
  const log = embeddedLog(db);
  await log.createTopics([{ name: "t", partitions: 1 }]);
  await log.append("t", EVENTS.map((event) => ({ key: event.id, value: encodeEvent(event) })));
  await db.query(
    `INSERT INTO masto.stream_progress (worker_group, topic, partition, next_offset)
     VALUES ('g', 't', 0, 60)`,
  );
  const target: PurgeTarget = { kind: "author", accountId: "ann" };
  assertEquals(await purgeEmbeddedLog(db, { target, topic: "t", dryRun: true }), 20);
  assertEquals(await purgeEmbeddedLog(db, { target, topic: "t", dryRun: false }), 20);
  const far: PurgeTarget = { kind: "domain", domain: "far.example" };
  assertEquals(await purgeEmbeddedLog(db, { target: far, topic: "t", dryRun: false }), 20);
  const left = await log.read("t", { partition: 0, from: 0, limit: 1000 });
  assertEquals(left.length, 50);
});
