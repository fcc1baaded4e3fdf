import { assert, assertEquals, assertRejects } from "@std/assert";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { normalizeFrame } from "../mastodon/normalize.ts";
import { encodeEvent } from "../mastodon/wire.ts";
import { runWorker } from "../stream/mod.ts";
import { topicName } from "./_log_probe.ts";
import { type DeadLetter, deadLetterRecord } from "./dead_letter.ts";
import { letterId, type LetterQuery, readDeadLetters } from "./dead_letter_reader.ts";
import { replayDeadLetters, type ReplayOptions, type ReplayReport } from "./dead_letter_replay.ts";
import type { EventLog } from "./event_log.ts";
import { LogUnreachableError } from "./log_errors.ts";
import { sleep } from "../async/waiting.ts";
import { claimLetters } from "./replayed_letters.ts";

const RULES = { consent: "respect", pseudonym: null, keepRaw: false } as const;
const INSTANCE = "a.example";

/** A frame of the streaming API with one public status. */
function frame(id: string, change: Record<string, unknown> = {}): string {
  const status = {
    id,
    uri: `https://${INSTANCE}/${id}`,
    created_at: new Date().toISOString(),
    content: `<p>Toot ${id}</p>`,
    visibility: "public",
    account: { acct: "ann", bot: false, note: "" },
    ...change,
  };
  return JSON.stringify({ event: "update", payload: JSON.stringify(status) });
}

/** The event that a status becomes, as the main topic carries it. */
function eventText(id: string): string {
  const { payload } = z.object({ payload: z.string() }).parse(JSON.parse(frame(id)));
  const outcome = normalizeFrame({ event: "update", payload }, { ...RULES, instance: INSTANCE });
  if (outcome.kind !== "event") throw new Error("The status is no good");
  return encodeEvent(outcome.event);
}

interface Bench {
  readonly db: Database;
  readonly log: EventLog;
  readonly topic: string;
  readonly errorTopic: string;
}

async function bench(db: Database, log: EventLog): Promise<Bench> {
  const [topic, errorTopic] = [topicName(), topicName()];
  await log.createTopics([{ name: topic, partitions: 2 }, { name: errorTopic, partitions: 2 }]);
  return { db, log, topic, errorTopic };
}

async function bury({ log, errorTopic }: Bench, letter: Partial<DeadLetter>): Promise<void> {
  const whole = {
    stage: "ingest",
    reason: "Bad",
    payload: "{",
    key: null,
    firstSeenMs: 1,
  } as const;
  await log.append(errorTopic, [deadLetterRecord({ ...whole, ...letter })]);
  // Letters of one millisecond have no order across partitions.
  await sleep(2);
}

async function found({ log, errorTopic }: Bench, query: Partial<LetterQuery> = {}) {
  const letters = readDeadLetters(log, errorTopic, { order: "newest", ...query });
  return await Array.fromAsync(letters);
}

function replay(
  { db, log, topic, errorTopic }: Bench,
  options: Partial<ReplayOptions> = {},
): Promise<ReplayReport> {
  return replayDeadLetters({
    log,
    sql: db,
    topic,
    errorTopic,
    rules: RULES,
    filter: {},
    ...options,
  });
}

async function drainStream({ db, log, topic, errorTopic }: Bench): Promise<void> {
  await runWorker({
    db,
    log,
    topic,
    errorTopic,
    group: topic,
    windowS: 60,
    graceS: 30,
    idleTimeoutS: 0,
    scorer: null,
    once: true,
    tickMs: 50,
    signal: AbortSignal.timeout(60_000),
  });
}

/** The ways of dead letters, on any log and database: registers one test for each. */
export function testDeadLetters(
  engines: string,
  open: () => Promise<{ db: Database; log: EventLog } & AsyncDisposable>,
): void {
  const test = (name: string, body: (bench: Bench) => Promise<void>) =>
    Deno.test(`${engines}: ${name}`, async () => {
      await using opened = await open();
      await body(await bench(opened.db, opened.log));
    });

  test("letters are listed newest first, repetitions once, by what is asked for", async (bench) => {
    const source = { topic: bench.topic, partition: 1, offset: 7 };
    await bury(bench, { reason: "Malformed JSON", instance: INSTANCE, key: "0" });
    await bury(bench, { stage: "stream", reason: "Unknown VERSION", source, key: "1" });
    await bury(bench, { stage: "stream", reason: "Unknown VERSION", source, key: "2" });
    await bench.log.append(bench.errorTopic, [{ key: "3", value: "something else" }]);
    const all = await found(bench);
    assertEquals(all.map(({ stage }) => stage), [null, "stream", "ingest"]);
    const times = all.map(({ recordedMs }) => recordedMs);
    assertEquals(times, times.toSorted((a, b) => b - a));
    assertEquals(all[1]?.source, source);
    assertEquals(all[2]?.instance, INSTANCE);
    const oldest = await found(bench, { order: "oldest" });
    assertEquals(oldest.map(({ stage }) => stage), ["ingest", "stream", null]);
    assertEquals((await found(bench, { reason: "version" })).length, 1);
    assertEquals((await found(bench, { stage: "ingest" })).length, 1);
    assertEquals((await found(bench, { sinceMs: Date.now() + 60_000 })).length, 0);
  });

  test("more letters than a page, all of them in order", async (bench) => {
    const { log, errorTopic } = bench;
    const records = Array.from({ length: 333 }, (_, i) => ({ key: `${i}`, value: `${i}` }));
    for (const record of records.slice(0, 3)) await log.append(errorTopic, [record]);
    await log.append(errorTopic, records.slice(3));
    for (const order of ["newest", "oldest"] as const) {
      const letters = await found(bench, { order });
      const keys = letters.map(({ key }) => Number(key));
      assertEquals(keys.toSorted((a, b) => a - b), records.map((_, i) => i));
      // By time, not by key: records of several partitions may share a millisecond.
      const times = letters.map(({ recordedMs }) => recordedMs);
      const sign = order === "oldest" ? 1 : -1;
      assertEquals(times, times.toSorted((a, b) => sign * (a - b)));
    }
  });

  test("after a repair letters are fed again, and what is still bad comes back", async (bench) => {
    const { db, log, topic } = bench;
    const source = { topic, partition: 0, offset: 1000 };
    // An older version of the stream refused this one; nothing is wrong with it now.
    await bury(bench, { stage: "stream", payload: eventText("101"), key: "101", source });
    await bury(bench, { stage: "stream", payload: eventText("101"), key: "101", source });
    await bury(bench, { payload: frame("102"), instance: INSTANCE });
    await bury(bench, { payload: "{", instance: INSTANCE });
    await bury(bench, { payload: frame("103", { reblog: {} }), instance: INSTANCE });
    await bury(bench, { payload: new Uint8Array([255, 0]), instance: INSTANCE });
    await bury(bench, { stage: "stream", source: { ...source, topic: "another" } });
    await log.append(topic, [{ key: "1", value: "not an event" }]);
    await drainStream(bench);
    assertEquals((await found(bench, { stage: "stream" })).length, 3);

    const first = await replay(bench);
    assertEquals([first.fed, first.fedBefore, first.unsure], [3, 0, 0]);
    assertEquals(Object.fromEntries(first.skipped), { boost: 1 });
    assertEquals(Object.fromEntries(first.refused), {
      "Malformed JSON": 1,
      "Binary frame": 1,
      "Refused in another topic": 1,
    });
    await drainStream(bench);
    const rows = await db.query(
      "SELECT id, content_txt FROM masto.toots_raw WHERE instance = $1 ORDER BY id",
      [INSTANCE],
    );
    assertEquals(rows.map(({ id, content_txt }) => [id, content_txt]), [
      ["101", "Toot 101"],
      ["102", "Toot 102"],
    ]);
    const [back] = await found(bench, { stage: "stream" });
    assertEquals([back?.attempt, back?.source?.topic, back?.key], [2, topic, "1"]);
    assertEquals(new TextDecoder().decode(back?.payload), "not an event");

    const second = await replay(bench);
    assertEquals([second.fed, second.fedBefore], [1, 3]);
    await drainStream(bench);
    assertEquals((await found(bench, { stage: "stream" }))[0]?.attempt, 3);
    const again = await replay(bench, { again: true, limit: 2 });
    assertEquals([again.fed, again.fedBefore], [2, 0]);
  });

  test("of two replays at a time each letter goes to one", async (bench) => {
    const { log, topic } = bench;
    for (let id = 1; id <= 150; id++) {
      await bury(bench, { payload: frame(`${id}`), instance: INSTANCE, key: `${id}` });
    }
    const reports = await Promise.all([replay(bench), replay(bench), replay(bench)]);
    assertEquals(reports.reduce((sum, { fed }) => sum + fed, 0), 150);
    const ends = [...(await log.offsets(topic)).values()].map(({ end }) => end);
    assertEquals(ends.reduce((sum, end) => sum + end, 0), 150);
  });

  test("a replay that cannot append gives its letters back; one cut off does not", async (bench) => {
    const { db, log, errorTopic } = bench;
    await bury(bench, { payload: frame("7"), instance: INSTANCE });
    const broken: EventLog = Object.create(log, {
      append: { value: () => Promise.reject(new LogUnreachableError("Gone: start it")) },
      offsets: { value: (name: string) => log.offsets(name) },
      read: { value: (...args: Parameters<EventLog["read"]>) => log.read(...args) },
    });
    await assertRejects(() => replay(bench, { log: broken }), LogUnreachableError);
    const [letter] = await found(bench);
    assert(letter !== undefined);
    // What a kill -9 between the claim and the confirmation leaves.
    await claimLetters(db, [letterId(letter, errorTopic)], { again: false });
    const unsure = await replay(bench);
    assertEquals([unsure.fed, unsure.unsure], [0, 1]);
    const again = await replay(bench, { again: true });
    assertEquals([again.fed, again.unsure], [1, 0]);
    assertEquals((await replay(bench)).fedBefore, 1);
  });
}
