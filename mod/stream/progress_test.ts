import { assertEquals } from "@std/assert";
import { NOON } from "./_story.ts";
import type { BatchReport } from "./processor.ts";
import { ProgressMeter } from "./progress.ts";
import { noEvents } from "./event_counts.ts";

function report(given: Partial<BatchReport> = {}): BatchReport {
  return {
    partition: 0,
    startOffset: 0,
    nextOffset: 10,
    records: 10,
    deadLetters: 1,
    counts: { ...noEvents(), toots: 6, deletes: 2, late: 1 },
    eventTime: { min: NOON, max: NOON + 4000, sum: 5 * NOON + 10_000, count: 5 },
    watermarkMs: NOON - 26_000,
    rowsChanged: 8,
    durationMs: { decode: 100, commit: 150 },
    ...given,
  };
}

Deno.test("ProgressMeter reports what came since the last report, in Spark's names", () => {
  let now = NOON;
  const meter = new ProgressMeter({ now: () => now });
  assertEquals(meter.take(), null);
  meter.add(report());
  meter.add(report({ partition: 1, watermarkMs: NOON - 90_000, eventTime: null }));
  now += 2000;
  assertEquals(meter.take(), {
    batchId: 2,
    timestamp: "2026-01-05T12:00:02.000Z",
    numInputRows: 20,
    inputRowsPerSecond: 10,
    processedRowsPerSecond: 40,
    durationMs: { decode: 200, commit: 300, triggerExecution: 500 },
    eventTime: {
      avg: "2026-01-05T12:00:02.000Z",
      min: "2026-01-05T12:00:00.000Z",
      max: "2026-01-05T12:00:04.000Z",
      watermark: "2026-01-05T11:58:30.000Z",
    },
    stateOperators: [{ numRowsTotal: 8, numRowsUpdated: 16, numRowsDroppedByWatermark: 2 }],
    deadLetters: 2,
  });
  assertEquals(meter.take(), null);
  meter.add(report());
  assertEquals(meter.take()?.batchId, 3);
});

Deno.test("ProgressMeter survives a clock that stands still and batches without times", () => {
  const meter = new ProgressMeter({ now: () => NOON });
  const none = { eventTime: null, watermarkMs: -Infinity };
  meter.add(report({ ...none, durationMs: { decode: 0, commit: 0 } }));
  const progress = meter.take();
  assertEquals(progress?.eventTime, {});
  assertEquals(progress?.inputRowsPerSecond, 10_000);
});

Deno.test("ProgressMeter adds up any number of batches", () => {
  const meter = new ProgressMeter();
  // More than a call takes arguments.
  const count = 200_000;
  for (let i = 0; i < count; i++) meter.add(report());
  assertEquals(meter.take()?.numInputRows, 10 * count);
});
