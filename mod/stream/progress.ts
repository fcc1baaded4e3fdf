/**
 * Progress reports, under the names that Spark Structured Streaming's users know.
 * Source of the names: org.apache.spark.sql.streaming.StreamingQueryProgress.
 *
 * @module
 */
import type { BatchReport } from "./processor.ts";

/** Progress of one worker since its last report. */
export interface StreamProgress {
  readonly batchId: number;
  readonly timestamp: string;
  readonly numInputRows: number;
  readonly inputRowsPerSecond: number;
  /** Rows per second of the time that was spent on batches. */
  readonly processedRowsPerSecond: number;
  readonly durationMs: {
    readonly decode: number;
    readonly commit: number;
    readonly triggerExecution: number;
  };
  readonly eventTime: {
    readonly avg?: string;
    readonly min?: string;
    readonly max?: string;
    readonly watermark?: string;
  };
  readonly stateOperators: readonly [{
    readonly numRowsTotal: number;
    readonly numRowsUpdated: number;
    readonly numRowsDroppedByWatermark: number;
  }];
  readonly deadLetters: number;
}

/** What came since the last report. */
interface Sums {
  records: number;
  deadLetters: number;
  late: number;
  rowsChanged: number;
  decodeMs: number;
  commitMs: number;
  eventTime: { min: number; max: number; sum: number; count: number };
  /** Of each partition the newest. */
  readonly watermarks: Map<number, number>;
}

function noSums(): Sums {
  return {
    records: 0,
    deadLetters: 0,
    late: 0,
    rowsChanged: 0,
    decodeMs: 0,
    commitMs: 0,
    eventTime: { min: Infinity, max: -Infinity, sum: 0, count: 0 },
    watermarks: new Map(),
  };
}

/** Adds up batches until the next report, however many. */
export class ProgressMeter {
  readonly #now: () => number;
  #since: number;
  #batchId = 0;
  #rowsTotal = 0;
  #sums: Sums | null = null;

  constructor({ now = Date.now }: { now?: () => number } = {}) {
    this.#now = now;
    this.#since = now();
  }

  /** Takes note of a batch. */
  add(report: BatchReport): void {
    this.#batchId++;
    this.#rowsTotal += report.counts.toots - report.counts.deletes;
    const sums = this.#sums ??= noSums();
    sums.records += report.records;
    sums.deadLetters += report.deadLetters;
    sums.late += report.counts.late;
    sums.rowsChanged += report.rowsChanged;
    sums.decodeMs += report.durationMs.decode;
    sums.commitMs += report.durationMs.commit;
    sums.watermarks.set(report.partition, report.watermarkMs);
    if (report.eventTime === null) return;
    const { eventTime } = sums;
    eventTime.min = Math.min(eventTime.min, report.eventTime.min);
    eventTime.max = Math.max(eventTime.max, report.eventTime.max);
    eventTime.sum += report.eventTime.sum;
    eventTime.count += report.eventTime.count;
  }

  /** The report since the last one; null if nothing came. */
  take(): StreamProgress | null {
    const sums = this.#sums;
    if (sums === null) return null;
    const now = this.#now();
    const elapsed = Math.max(now - this.#since, 1);
    this.#since = now;
    this.#sums = null;
    const { records, decodeMs, commitMs } = sums;
    return {
      batchId: this.#batchId,
      timestamp: new Date(now).toISOString(),
      numInputRows: records,
      inputRowsPerSecond: round(records * 1000 / elapsed),
      processedRowsPerSecond: round(records * 1000 / Math.max(decodeMs + commitMs, 1)),
      durationMs: {
        decode: round(decodeMs),
        commit: round(commitMs),
        triggerExecution: round(decodeMs + commitMs),
      },
      eventTime: eventTime(sums),
      stateOperators: [{
        numRowsTotal: this.#rowsTotal,
        numRowsUpdated: sums.rowsChanged,
        numRowsDroppedByWatermark: sums.late,
      }],
      deadLetters: sums.deadLetters,
    };
  }
}

function eventTime(
  { eventTime: { min, max, sum, count }, watermarks }: Sums,
): StreamProgress["eventTime"] {
  if (count === 0) return {};
  // The least of the partitions' watermarks holds the windows open.
  const watermark = Math.min(...watermarks.values());
  return {
    avg: iso(sum / count),
    min: iso(min),
    max: iso(max),
    ...(Number.isFinite(watermark) ? { watermark: iso(watermark) } : {}),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function round(n: number): number {
  return Math.round(n * 10) / 10;
}
