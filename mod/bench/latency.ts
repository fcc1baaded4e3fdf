/**
 * End-to-end latency at a steady rate: from a record's append in Kafka to its committed row.
 *
 * @module
 */
import { z } from "zod";
import { startTask } from "../testing/mod.ts";
import type { Figure } from "./bench_report.ts";
import type { BenchServers } from "./servers.ts";
import { tootRecords } from "./toot_records.ts";

/** Appends a second, each of them one request. */
const APPENDS = 50;
/** Left out at the start: the consumer joins, the compiler warms up. */
const WARM_UP_S = 5;
const POLL_MS = 5;

/** Sends `perSecond` toots for `seconds` and watches the table for each of them. */
export async function benchLatency(
  servers: BenchServers,
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<Figure[]> {
  const topic = `latency_${crypto.randomUUID().slice(0, 8)}`;
  await servers.reset(topic);
  await using job = await startTask("stream", [], {
    env: { ...servers.env, KAFKA_TOPIC: topic, KAFKA_ERROR_TOPIC: `${topic}_errors` },
  });
  const count = perSecond / APPENDS;
  const appended = new Map<string, number>();
  const latencies: number[] = [];
  const rounds = (WARM_UP_S + seconds) * APPENDS;
  let sending = true;
  const watching = watch(servers, {
    appended,
    onSeen: (ms, sentAt) => {
      if (sentAt - started >= WARM_UP_S * 1000) latencies.push(ms);
    },
    more: () => sending || appended.size > 0,
  });
  const started = performance.now();
  for (let round = 0; round < rounds; round++) {
    const due = started + round * 1000 / APPENDS;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    const records = tootRecords({ from: round * count, count });
    await servers.log.append(topic, records);
    // Once the append resolves the records are in Kafka; the time before is the producer's.
    const at = performance.now();
    for (const { key } of records) if (key !== null) appended.set(key, at);
  }
  sending = false;
  await watching;
  job.interrupt();
  await job.end();
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(share * (latencies.length - 1))] ?? NaN;
  const bench = `latency at ${perSecond}/s`;
  return [
    { bench, name: "toots measured", value: latencies.length, unit: "toots" },
    { bench, name: "p50", value: at(0.5), unit: "ms" },
    { bench, name: "p99", value: at(0.99), unit: "ms" },
    { bench, name: "max", value: at(1), unit: "ms" },
  ];
}

const idRow = z.array(z.object({ id: z.string() }));

/**
 * Looks for new rows every few ms, so a latency comes out up to {@linkcode POLL_MS} and one query
 * too long.
 */
async function watch(
  { db }: BenchServers,
  { appended, onSeen, more }: {
    appended: Map<string, number>;
    onSeen: (ms: number, sentAt: number) => void;
    more: () => boolean;
  },
): Promise<void> {
  let quietSince = performance.now();
  while (more()) {
    const ids = [...appended.keys()];
    const rows = ids.length === 0 ? [] : idRow.parse(
      await db.query(
        `SELECT id FROM masto.toots_raw
         WHERE instance = 'bench.example' AND id = ANY($1::int8[])`,
        [ids],
      ),
    );
    const now = performance.now();
    for (const { id } of rows) {
      const sentAt = appended.get(id);
      if (sentAt === undefined) continue;
      appended.delete(id);
      onSeen(now - sentAt, sentAt);
    }
    if (rows.length > 0 || ids.length === 0) quietSince = now;
    if (now - quietSince > 60_000) {
      throw new Error(`${appended.size} toots did not come out within a minute`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
