/**
 * The pure stages of the stream, on one core and without servers.
 *
 * @module
 */
import { loadScorer } from "../sentiment/load.ts";
import type { LogRecord } from "../log/event_log.ts";
import { decodeRecords, type LoggedEvent } from "../stream/decode.ts";
import { reduceBatches } from "../stream/reduce.ts";
import { PartitionClock } from "../stream/window.ts";
import type { Figure } from "./bench_report.ts";
import { tootRecords } from "./toot_records.ts";

const RECORDS = 40_000;
const BATCH = 2000;
/** Rounds run first, until the compiler has seen enough. */
const WARM_UP = 2;

/** Times decoding with validation, windowing and scoring. */
export async function benchStages(): Promise<Figure[]> {
  const encoder = new TextEncoder();
  const records: LogRecord[] = tootRecords({ count: RECORDS }).map(({ key, value }, offset) => ({
    offset,
    key,
    value: typeof value === "string" ? encoder.encode(value) : value,
    timestamp: Date.UTC(2026, 0, 6),
    headers: {},
  }));
  const scorer = await loadScorer();
  const texts = records.slice(0, 10_000).flatMap((record) => {
    const [logged] = decodeRecords([record]).events;
    return logged !== undefined && "toot" in logged.event ? [logged.event.toot.text] : [];
  });
  let [decode, reduce, score] = [0, 0, 0];
  for (let round = 0; round <= WARM_UP; round++) {
    const clock = new PartitionClock({ graceMs: 30_000, maxEventTime: null });
    [decode, reduce] = [0, 0];
    for (let from = 0; from < RECORDS; from += BATCH) {
      const started = performance.now();
      const { events } = decodeRecords(records.slice(from, from + BATCH));
      const decoded = performance.now();
      windowBatch(events, clock);
      decode += decoded - started;
      reduce += performance.now() - decoded;
    }
    const started = performance.now();
    for (const text of texts) scorer.score(text);
    score = performance.now() - started;
  }
  const rate = (n: number, ms: number) => n * 1000 / ms;
  const bench = "stages";
  return [
    { bench, name: "decode + validate", value: rate(RECORDS, decode), unit: "records/s" },
    { bench, name: "window", value: rate(RECORDS, reduce), unit: "records/s" },
    {
      bench,
      name: "decode + validate + window",
      value: rate(RECORDS, decode + reduce),
      unit: "records/s",
    },
    { bench, name: "score", value: rate(texts.length, score), unit: "toots/s" },
  ];
}

function windowBatch(events: readonly LoggedEvent[], clock: PartitionClock): void {
  reduceBatches([{ partition: 0, events, clock }], {
    prior: { toots: new Map(), tombstones: new Set(), uriOwners: new Map() },
    windowMs: 60_000,
    finalUntilMs: -Infinity,
    score: () => null,
  });
}
