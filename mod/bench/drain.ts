/**
 * Backlog drain: how fast one worker process takes what waits in Kafka into PostgreSQL.
 *
 * @module
 */
import { z } from "zod";
import { processCpu, processMemory, startTask } from "../testing/mod.ts";
import { type Figure, meansOfFifths } from "./bench_report.ts";
import type { BenchServers } from "./servers.ts";
import { tootRecords } from "./toot_records.ts";

/** What is drained, and how. */
export interface DrainOptions {
  readonly toots: number;
  /** Whether toots are scored on the way. */
  readonly sentiment: boolean;
  readonly say: (line: string) => void;
}

/** Records made and sent at a time, so that a large backlog need not fit in memory. */
const CHUNK = 20_000;
const POLL_MS = 50;

/** Fills a topic, then times `deno task stream --once` from outside. */
export async function benchDrain(
  servers: BenchServers,
  { toots, sentiment, say }: DrainOptions,
): Promise<Figure[]> {
  const topic = newTopic();
  await servers.reset(topic);
  const produced = await fill(servers, { topic, toots });
  say(`${toots} records produced at ${Math.round(produced)}/s; draining`);
  const drained = await drain(servers, { topic, toots, sentiment });
  const bench = `drain ${toots.toLocaleString("en")}${sentiment ? ", scored" : ""}`;
  const mib = (bytes: number) => bytes / 2 ** 20;
  return [
    { bench, name: "rate once it runs", value: drained.steady, unit: "records/s" },
    { bench, name: "rate, start included", value: drained.whole, unit: "records/s" },
    { bench, name: "time to the first commit", value: drained.firstS, unit: "s" },
    { bench, name: "worker's CPU, start included", value: drained.cpuS, unit: "s" },
    { bench, name: "peak RSS", value: mib(Math.max(...drained.rss)), unit: "MiB" },
    ...meansOfFifths(drained.rss).map((rss, i) => (
      { bench, name: `mean RSS, part ${i + 1} of 5`, value: mib(rss), unit: "MiB" }
    )),
    { bench, name: "produce rate", value: produced, unit: "records/s" },
  ];
}

/** Share of poison whose cost is measured. */
const POISON = 0.01;
const ROUNDS = 5;

/**
 * What poison costs: the same backlog with and without, drained in turn. Each pair is compared with
 * itself, and every other begins with the poison, since a machine's speed changes between rounds.
 */
export async function benchPoison(
  servers: BenchServers,
  { toots, say }: Omit<DrainOptions, "sentiment">,
): Promise<Figure[]> {
  const topics = { clean: newTopic(), poisoned: newTopic() };
  await servers.reset(topics.clean);
  await servers.reset(topics.poisoned);
  await fill(servers, { topic: topics.clean, toots });
  await fill(servers, { topic: topics.poisoned, toots, poison: POISON });
  const rates: Record<"clean" | "poisoned", number[]> = { clean: [], poisoned: [] };
  for (let round = 1; round <= ROUNDS; round++) {
    const order = ["clean", "poisoned"] as const;
    for (const kind of round % 2 === 1 ? order : order.toReversed()) {
      await servers.reset(topics[kind]);
      const { steady } = await drain(servers, { topic: topics[kind], toots, sentiment: false });
      say(`Round ${round}, ${kind}: ${Math.round(steady)} records/s`);
      rates[kind].push(steady);
    }
  }
  const bench = `drain ${toots.toLocaleString("en")} with and without ${POISON * 100}% poison`;
  const costs = rates.clean.map((clean, i) => 1 - (rates.poisoned[i] ?? NaN) / clean);
  return [
    { bench, name: "rate without, median", value: median(rates.clean), unit: "records/s" },
    { bench, name: "rate with, median", value: median(rates.poisoned), unit: "records/s" },
    { bench, name: "cost, median of pairs", value: median(costs) * 100, unit: "% of the rate" },
  ];
}

function newTopic(): string {
  return `drain_${crypto.randomUUID().slice(0, 8)}`;
}

interface Drained {
  /** Records a second from the first commit to the last. */
  readonly steady: number;
  /** Records a second from the start of the process. */
  readonly whole: number;
  readonly firstS: number;
  readonly cpuS: number;
  /** Resident memory every {@linkcode POLL_MS}, in bytes. */
  readonly rss: readonly number[];
}

/** Times `deno task stream --once` from outside. */
async function drain(
  servers: BenchServers,
  { topic, toots, sentiment }: { topic: string; toots: number; sentiment: boolean },
): Promise<Drained> {
  const started = performance.now();
  await using job = await startTask(
    "stream",
    ["--once", ...(sentiment ? [] : ["--no-sentiment"])],
    { env: { ...servers.env, KAFKA_TOPIC: topic, KAFKA_ERROR_TOPIC: `${topic}_errors` } },
  );
  const rss: number[] = [];
  let first: { at: number; done: number } | null = null;
  let last = { at: started, done: 0 };
  let cpuS = 0;
  while (job.running) {
    const done = await processed(servers, topic);
    const at = performance.now();
    if (done > last.done) last = { at, done };
    if (first === null && done > 0) first = { at, done };
    const memory = await processMemory(job.pid).catch(() => null);
    if (memory !== null && memory.rss > 0 && done > 0) rss.push(memory.rss);
    cpuS = await processCpu(job.pid).catch(() => cpuS);
    if (done >= toots) break;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const ended = performance.now();
  const { code } = await job.end();
  if (code !== 0 || last.done < toots || first === null) {
    throw new Error(`The stream job ended with ${code} after ${last.done}: ${job.output}`);
  }
  return {
    steady: (toots - first.done) * 1000 / (last.at - first.at),
    whole: toots * 1000 / (ended - started),
    firstS: (first.at - started) / 1000,
    cpuS,
    rss,
  };
}

async function fill(
  { log }: BenchServers,
  { topic, toots, poison = 0 }: { topic: string; toots: number; poison?: number },
): Promise<number> {
  let ms = 0;
  for (let from = 0; from < toots; from += CHUNK) {
    const records = tootRecords({ from, count: Math.min(CHUNK, toots - from), poison });
    const started = performance.now();
    await log.append(topic, records);
    ms += performance.now() - started;
  }
  return toots * 1000 / ms;
}

const sumRow = z.array(z.object({ n: z.number() }));

async function processed({ db }: BenchServers, topic: string): Promise<number> {
  const rows = sumRow.parse(
    await db.query(
      `SELECT coalesce(sum(next_offset), 0)::float8 AS n FROM masto.stream_progress
       WHERE topic = $1`,
      [topic],
    ),
  );
  return rows[0]?.n ?? 0;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
