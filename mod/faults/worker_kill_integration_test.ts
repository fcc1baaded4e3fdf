import { assert, assertEquals, assertGreater } from "@std/assert";
import { z } from "zod";
import { readDeadLetters } from "../log/dead_letter_reader.ts";
import { findModel } from "../sentiment/mod.ts";
import { readPositions, tootScorer, WORKER_GROUP } from "../stream/mod.ts";
import { type RunningProcess, startTask, waitUntil } from "../testing/mod.ts";
import { oneShot } from "./_batch.ts";
import { type KillPlan, LAST_WORDS, type Moment, MOMENTS } from "./_kill_switch.ts";
import { readLog } from "./_recount.ts";
import { seeded, simulatedRecords } from "./_records.ts";
import { appendAll, type Place, type Rig, startRig, type Topics, uniqueName } from "./_rig.ts";
import { plainScorer } from "./_scorer.ts";
import { assertSameTables, dump } from "./_tables.ts";
import { startWorkerProcess } from "./_worker_process.ts";

const SEED = 20_260_105;
/** Lanes die independently of each other over the same log: a new worker mostly waits. */
const LANES = 3;
const KILLS_PER_LANE = 34;
const TASK_KILLS = 8;
const BATCH = 40;

const wordsShape = z.object({
  moment: z.enum(MOMENTS),
  partition: z.number().nullable(),
  nextOffset: z.number().nullable(),
});

Deno.test("a worker killed at 100 random points loses nothing and counts nothing twice", async () => {
  // Workers that die are to be missed soon: what is tried is what the next one does.
  await using rig = await startRig({
    kafka: { properties: { "group.min.session.timeout.ms": "1000" } },
  });
  const topics = await rig.makeTopics(4);
  const records = simulatedRecords({ seed: SEED, events: 20_000 });
  await appendAll(rig.log, { topic: topics.topic, records });
  const expected = await oneShot(rig, { topics, scorer: plainScorer });
  const refused = await refusedOffsets(rig, topics);
  assertGreater(refused.length, 100, "poison");

  const lanes = Array.from({ length: LANES }, async (_, lane) => {
    const plans = killPlans(seeded(SEED + lane));
    const own = { ...topics, errorTopic: (await rig.makeTopics(1)).errorTopic };
    const place = await rig.makePlace();
    const killed = await runLane(rig, { plans, topics: own, place });
    assertSameTables(await dump(place.db), expected, { what: `Lane ${lane} after its kills` });
    // A letter may come twice, none may be missing.
    assertEquals(await letterOffsets(rig, own), refused);
    return killed;
  });
  const [taskKills, ...killed] = await Promise.all([killTask(rig, topics), ...lanes]);
  const moments = killed.flat();
  assertGreater(moments.length + taskKills, 99);
  for (const moment of MOMENTS) assert(moments.includes(moment), `nobody was killed ${moment}`);
});

function killPlans(random: () => number): KillPlan[] {
  return Array.from({ length: KILLS_PER_LANE }, () => {
    const moment = MOMENTS[Math.floor(random() * MOMENTS.length)] ?? "before commit";
    return {
      moment,
      batch: 1 + Math.floor(random() * 6),
      statement: 1 + Math.floor(random() * 14),
    };
  });
}

/** One worker after the other on the same database, each killed as planned but the last. */
async function runLane(
  rig: Rig,
  { plans, topics, place }: { plans: readonly KillPlan[]; topics: Topics; place: Place },
): Promise<Moment[]> {
  const group = uniqueName("lane");
  const options = {
    bootstrap: rig.kafka.bootstrap,
    url: place.url,
    ...topics,
    group,
    once: true,
    sessionTimeoutMs: 2000,
    freeze: null,
  };
  const killed: Moment[] = [];
  for (const kill of plans) {
    await using worker = startWorkerProcess({ ...options, kill, maxBatchRecords: BATCH });
    const { signal } = await worker.end(60_000);
    assertEquals(signal, "SIGKILL", `not killed: ${JSON.stringify(kill)}\n${worker.output}`);
    killed.push(await checkKill({ worker, topics, place, group }));
  }
  await using worker = startWorkerProcess({ ...options, kill: null, maxBatchRecords: 5000 });
  const { code } = await worker.end(60_000);
  assertEquals(code, 0, worker.output);
  return killed;
}

/** The fault fired where it was to: the stored position tells. */
async function checkKill(
  { worker, topics, place, group }: {
    worker: RunningProcess;
    topics: Topics;
    place: Place;
    group: string;
  },
): Promise<Moment> {
  const line = worker.lines.findLast((text) => text.startsWith(LAST_WORDS));
  assert(line !== undefined, worker.output);
  const words = wordsShape.parse(JSON.parse(line.slice(LAST_WORDS.length)));
  const { moment, partition, nextOffset } = words;
  if (moment !== "before commit" && moment !== "after commit") return moment;
  assert(nextOffset !== null);
  const positions = await readPositions(place.db, { group, topic: topics.topic });
  const stored = positions.find((p) => p.partition === partition)?.nextOffset ?? -1;
  if (moment === "after commit") assertEquals(stored, nextOffset, line);
  else assert(stored < nextOffset, `${line}: stored ${stored}`);
  return moment;
}

/** Kills the real job at random times; gives how often that met it at work. */
async function killTask(rig: Rig, topics: Topics): Promise<number> {
  const random = seeded(SEED - 1);
  const place = await rig.makePlace();
  const own = { ...topics, errorTopic: (await rig.makeTopics(1)).errorTopic };
  const env = { ...rig.env(place, own), LOG_LEVEL: "warning" };
  const processed = async () => {
    const rows = await place.db.query(
      "SELECT coalesce(sum(next_offset), 0)::float8 AS n FROM masto.stream_progress",
    );
    return Number(rows[0]?.n);
  };
  let kills = 0;
  for (; kills < TASK_KILLS; kills++) {
    await using job = await startTask("stream", ["--once"], { env });
    const before = await processed();
    // The first kills meet it while it starts, joins and waits for the dead one's partitions.
    const wait = random() * (kills % 2 === 0 ? 4000 : 300);
    if (kills % 2 === 1) {
      await waitUntil(async () => !job.running || await processed() > before, {
        what: "the job to work",
        timeoutMs: 60_000,
        intervalMs: 5,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
    // Done before its time came.
    if (!job.running || (await job.kill9()).signal !== "SIGKILL") break;
  }
  await using job = await startTask("stream", ["--once"], { env });
  const { code } = await job.end(90_000);
  assertEquals(code, 0, job.output);
  const { model } = await findModel();
  const scorer = tootScorer(model, { languages: ["en"], thresholds: { low: 0.45, high: 0.55 } });
  const expected = await oneShot(rig, { topics, scorer });
  assertSameTables(await dump(place.db), expected, { what: `"${WORKER_GROUP}" after its kills` });
  return kills;
}

/** Where the records stand that are no events, as `partition:offset`. */
async function refusedOffsets(rig: Rig, { topic }: Topics): Promise<string[]> {
  const { decodeRecords } = await import("../stream/decode.ts");
  const log = await readLog(rig.log, topic);
  return log.flatMap((records, partition) =>
    decodeRecords(records).refused.map(({ record }) => `${partition}:${record.offset}`)
  ).sort();
}

/** Which records the dead letters tell of, each once. */
async function letterOffsets(rig: Rig, { errorTopic }: Topics): Promise<string[]> {
  const found = new Set<string>();
  for await (const { source } of readDeadLetters(rig.log, errorTopic, { order: "oldest" })) {
    found.add(`${source?.partition}:${source?.offset}`);
  }
  return [...found].sort();
}
