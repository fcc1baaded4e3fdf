/**
 * Backlog drain: how fast one worker process takes what waits in Kafka into PostgreSQL.
 *
 * @module
 */
import { z } from "zod";
import { processMemory, startTask } from "../testing/mod.ts";
import type { Figure } from "./bench_report.ts";
import type { BenchServers } from "./servers.ts";
import { tootRecords } from "./toot_records.ts";

/** What is drained, and how. */
export interface DrainOptions {
  readonly toots: number;
  /** Whether toots are scored on the way. */
  readonly sentiment: boolean;
  /** Share of records that are poison. @default {0} */
  readonly poison?: number;
  readonly say: (line: string) => void;
}

/** Records made and sent at a time, so that a large backlog need not fit in memory. */
const CHUNK = 20_000;
const POLL_MS = 50;

/** Fills a topic, then times `deno task stream --once` from outside. */
export async function benchDrain(
  servers: BenchServers,
  { toots, sentiment, poison = 0, say }: DrainOptions,
): Promise<Figure[]> {
  const topic = `drain_${crypto.randomUUID().slice(0, 8)}`;
  await servers.reset(topic);
  const produced = await fill(servers, { topic, toots, poison });
  say(`${toots} records produced at ${Math.round(produced)}/s; draining`);
  const started = performance.now();
  await using job = await startTask(
    "stream",
    ["--once", ...(sentiment ? [] : ["--no-sentiment"])],
    { env: { ...servers.env, KAFKA_TOPIC: topic, KAFKA_ERROR_TOPIC: `${topic}_errors` } },
  );
  const rss: number[] = [];
  let first: { at: number; done: number } | null = null;
  let last = { at: started, done: 0 };
  while (job.running) {
    const done = await processed(servers, topic);
    const at = performance.now();
    if (done > last.done) last = { at, done };
    if (first === null && done > 0) first = { at, done };
    const memory = await processMemory(job.pid).catch(() => null);
    if (memory !== null && memory.rss > 0 && done > 0) rss.push(memory.rss);
    if (done >= toots) break;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const ended = performance.now();
  const { code } = await job.end();
  if (code !== 0 || last.done < toots) {
    throw new Error(`The stream job ended with ${code} after ${last.done}: ${job.output}`);
  }
  const name = `${toots.toLocaleString("en")}${sentiment ? ", scored" : ""}` +
    `${poison > 0 ? `, ${poison * 100}% poison` : ""}`;
  const bench = `drain ${name}`;
  const half = rss.slice(Math.floor(rss.length / 2));
  const steady = first === null ? 0 : (toots - first.done) * 1000 / (last.at - first.at);
  return [
    { bench, name: "rate once it runs", value: steady, unit: "records/s" },
    {
      bench,
      name: "rate, start included",
      value: toots * 1000 / (ended - started),
      unit: "records/s",
    },
    {
      bench,
      name: "time to the first commit",
      value: ((first?.at ?? 0) - started) / 1000,
      unit: "s",
    },
    { bench, name: "peak RSS", value: Math.max(...rss) / 2 ** 20, unit: "MiB" },
    { bench, name: "mean RSS of the second half", value: mean(half) / 2 ** 20, unit: "MiB" },
    { bench, name: "produce rate", value: produced, unit: "records/s" },
  ];
}

async function fill(
  { log }: BenchServers,
  { topic, toots, poison }: { topic: string; toots: number; poison: number },
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

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
}
