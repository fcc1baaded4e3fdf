/**
 * Ingest as it runs for months: a simulated server in a process of its own, `deno task ingest` as
 * another, and Kafka. What arrived is compared with the server's books.
 *
 * @module
 */
import { z } from "zod";
import { decodeEvent } from "../mastodon/wire.ts";
import { processCpu, processMemory, type RunningProcess, startTask } from "../testing/mod.ts";
import { type Figure, meansOfFifths } from "./bench_report.ts";
import type { BenchServers } from "./servers.ts";

/** What is played, and how. */
export interface IngestBenchOptions {
  readonly events: number;
  /** Events a second. */
  readonly rate: number;
  /** Whether memory is shown for each fifth of the run. @default {false} */
  readonly fifths?: boolean;
  readonly say: (line: string) => void;
}

/** Left out at the start: the compiler warms up. */
const WARM_UP = 0.1;
const SAMPLE_MS = 200;
/** Nothing new in the log for so long is an end of it, in ms. */
const STUCK_MS = 30_000;
/** Records read back at a time. */
const CHUNK = 5000;

/** The process and the log at one instant. */
interface Sample {
  readonly atMs: number;
  /** Records in the log, dead letters included. */
  readonly records: number;
  readonly cpuS: number;
  readonly rss: number;
}

const ledgerSchema = z.object({
  frames: z.number(),
  malformedTotal: z.number(),
  expected: z.number(),
  tombstones: z.number(),
});

/** Plays a stream to ingest and times it from outside. */
export async function benchIngest(
  servers: BenchServers,
  { events, rate, fifths = false, say }: IngestBenchOptions,
): Promise<Figure[]> {
  const topic = `ingest_${crypto.randomUUID().slice(0, 8)}`;
  await servers.reset(topic);
  // An earlier bench's server had the same name.
  await servers.db.script("TRUNCATE masto.ingest_positions, masto.ingest_gaps");
  // Nothing else may be written by the task.
  const dataDir = `data/bench-${topic}`;
  try {
    await using sim = await startTask("simulate", [
      "--port",
      "0",
      "--events",
      String(events),
      "--rate",
      String(rate),
    ]);
    const [, url = "", token = ""] = /MASTODON_BASE_URL=(\S+) MASTODON_ACCESS_TOKEN=(\S+)/.exec(
      await sim.waitForLine(/MASTODON_BASE_URL=/),
    ) ?? [];
    await using ingest = await startTask("ingest", [], {
      env: {
        ...servers.env,
        MASTODON_BASE_URL: url,
        MASTODON_ACCESS_TOKEN: token,
        KAFKA_TOPIC: topic,
        KAFKA_ERROR_TOPIC: `${topic}_errors`,
        DATA_DIR: dataDir,
      },
    });
    const { samples, playedAtMs } = await watch(servers, { topic, sim, ingest });
    const { peakRss } = await processMemory(ingest.pid);
    const frames = await end(ingest);
    await sim.interrupt();
    const ledger = ledgerOf(sim.output);
    say(`${frames} events of ${ledger.frames} taken; reading the log`);
    await compare(servers, { topic, frames, ledger, events });
    return figures({ samples, playedAtMs, frames, peakRss, fifths, rate });
  } finally {
    await Deno.remove(dataDir, { recursive: true }).catch(() => {});
  }
}

/** Samples until all was played and nothing new comes into the log. */
async function watch(
  servers: BenchServers,
  { topic, sim, ingest }: { topic: string; sim: RunningProcess; ingest: RunningProcess },
): Promise<{ samples: Sample[]; playedAtMs: number }> {
  const samples: Sample[] = [];
  let [last, lastAtMs, playedAtMs] = [0, performance.now(), 0];
  while (ingest.running && sim.running) {
    const records = await count(servers, topic) + await count(servers, `${topic}_errors`);
    const [cpuS, { rss }] = [await processCpu(ingest.pid), await processMemory(ingest.pid)];
    const atMs = performance.now();
    if (records > last) {
      [last, lastAtMs] = [records, atMs];
      samples.push({ atMs, records, cpuS, rss });
    }
    if (playedAtMs === 0 && sim.output.includes("events played; the timeline")) playedAtMs = atMs;
    // Ingest appends at once: two seconds without anything are the end, unless it is stuck.
    if (playedAtMs > 0 && atMs - Math.max(playedAtMs, lastAtMs) > 2000) {
      return { samples, playedAtMs };
    }
    if (atMs - lastAtMs > STUCK_MS) break;
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
  }
  throw new Error(`Ingest does not go on after ${last} records:\n${ingest.output}\n${sim.output}`);
}

async function count({ log }: BenchServers, topic: string): Promise<number> {
  let sum = 0;
  for (const { end } of (await log.offsets(topic)).values()) sum += end;
  return sum;
}

/** Ends ingest in good order; tells how many frames it has taken. */
async function end(ingest: RunningProcess): Promise<number> {
  const { code } = await ingest.interrupt();
  const frames = /^Ingest stopped: \d+ events of (\d+) frames/m.exec(ingest.output)?.[1];
  if (code === 0 && frames !== undefined) return Number(frames);
  throw new Error(`Ingest ended with ${code}:\n${ingest.output}`);
}

function ledgerOf(output: string): z.infer<typeof ledgerSchema> {
  return ledgerSchema.parse(JSON.parse(output.slice(output.indexOf("\n{\n"))));
}

/**
 * Whether the log holds what the server's books say.
 *
 * @throws {Error} if it does not
 */
async function compare(
  servers: BenchServers,
  { topic, frames, ledger, events }: {
    topic: string;
    frames: number;
    ledger: z.infer<typeof ledgerSchema>;
    events: number;
  },
): Promise<void> {
  const toots = new Set<string>();
  const deleted = new Set<string>();
  for (const [partition, { start, end }] of await servers.log.offsets(topic)) {
    for (let from = start; from < end;) {
      const records = await servers.log.read(topic, { partition, from, limit: CHUNK });
      if (records.length === 0) throw new Error(`Cannot read ${topic} from ${from} on`);
      from += records.length;
      for (const { value } of records) {
        const event = decodeEvent(value);
        if (event.type === "delete") deleted.add(event.id);
        // The server dates some in the year 2100: the stream refuses them, and so do the books.
        else if ("toot" in event && Date.parse(event.toot.created_at) < Date.now()) {
          toots.add(event.id);
        }
      }
    }
  }
  const found = {
    played: ledger.frames,
    frames,
    refused: await count(servers, `${topic}_errors`),
    toots: [...toots].filter((id) => !deleted.has(id)).length,
    deleted: deleted.size,
  };
  const expected = {
    played: events,
    frames: events,
    refused: ledger.malformedTotal,
    toots: ledger.expected,
    deleted: ledger.tombstones,
  };
  const [is, should] = [JSON.stringify(found), JSON.stringify(expected)];
  if (is !== should) throw new Error(`The log holds ${is}: it should hold ${should}`);
}

function figures(
  { samples, playedAtMs, frames, peakRss, fifths, rate }: {
    samples: readonly Sample[];
    playedAtMs: number;
    frames: number;
    peakRss: number;
    fifths: boolean;
    rate: number;
  },
): Figure[] {
  const total = samples.at(-1)?.records ?? 0;
  const measured = samples.filter(({ records }) => records >= total * WARM_UP);
  const [first, last] = [measured[0], measured.at(-1)];
  if (first === undefined || last === undefined || last.atMs <= first.atMs) {
    throw new Error("The run was too short to be measured: give it more events");
  }
  const seconds = (last.atMs - first.atMs) / 1000;
  const records = last.records - first.records;
  // Not every event makes a record: some are skipped on purpose.
  const taken = records * frames / total;
  const cpuS = last.cpuS - first.cpuS;
  const bench = `ingest ${frames.toLocaleString("en")} at ${rate.toLocaleString("en")}/s`;
  const figure = (name: string, value: number, unit: string) => ({ bench, name, value, unit });
  const all = [
    figure("rate", taken / seconds, "events/s"),
    figure("records into Kafka", records / seconds, "records/s"),
    figure("behind when the last was sent", Math.max(0, last.atMs - playedAtMs) / 1000, "s"),
    figure("CPU per 1,000 events", cpuS * 1000 / taken, "s"),
    figure("share of one core", cpuS * 100 / seconds, "%"),
    figure("peak RSS", peakRss / 2 ** 20, "MiB"),
  ];
  if (!fifths) return all;
  const means = meansOfFifths(samples.map(({ rss }) => rss));
  return [
    ...all,
    ...means.map((rss, i) => figure(`mean RSS of fifth ${i + 1}`, rss / 2 ** 20, "MiB")),
  ];
}
