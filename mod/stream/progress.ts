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

/** Adds up batches until the next report. */
export class ProgressMeter {
  readonly #now: () => number;
  #since: number;
  #batchId = 0;
  #rowsTotal = 0;
  #reports: BatchReport[] = [];

  constructor({ now = Date.now }: { now?: () => number } = {}) {
    this.#now = now;
    this.#since = now();
  }

  /** Takes note of a batch. */
  add(report: BatchReport): void {
    this.#batchId++;
    this.#rowsTotal += report.counts.toots - report.counts.deletes;
    this.#reports.push(report);
  }

  /** The report since the last one; null if nothing came. */
  take(): StreamProgress | null {
    const reports = this.#reports;
    if (reports.length === 0) return null;
    const now = this.#now();
    const elapsed = Math.max(now - this.#since, 1);
    this.#since = now;
    this.#reports = [];
    const sum = (pick: (report: BatchReport) => number) =>
      reports.reduce((total, report) => total + pick(report), 0);
    const rows = sum((r) => r.records);
    const decode = sum((r) => r.durationMs.decode);
    const commit = sum((r) => r.durationMs.commit);
    return {
      batchId: this.#batchId,
      timestamp: new Date(now).toISOString(),
      numInputRows: rows,
      inputRowsPerSecond: round(rows * 1000 / elapsed),
      processedRowsPerSecond: round(rows * 1000 / Math.max(decode + commit, 1)),
      durationMs: {
        decode: round(decode),
        commit: round(commit),
        triggerExecution: round(decode + commit),
      },
      eventTime: eventTime(reports),
      stateOperators: [{
        numRowsTotal: this.#rowsTotal,
        numRowsUpdated: sum((r) => r.rowsChanged),
        numRowsDroppedByWatermark: sum((r) => r.counts.late),
      }],
      deadLetters: sum((r) => r.deadLetters),
    };
  }
}

function eventTime(reports: readonly BatchReport[]): StreamProgress["eventTime"] {
  const times = reports.flatMap((r) => r.eventTime ?? []);
  // Of each partition the newest watermark counts; the least of them holds the windows open.
  const watermarks = new Map(reports.map((r) => [r.partition, r.watermarkMs]));
  const watermark = Math.min(...watermarks.values());
  if (times.length === 0) return {};
  const count = times.reduce((n, t) => n + t.count, 0);
  const sum = times.reduce((n, t) => n + t.sum, 0);
  return {
    avg: iso(sum / count),
    min: iso(Math.min(...times.map((t) => t.min))),
    max: iso(Math.max(...times.map((t) => t.max))),
    ...(Number.isFinite(watermark) ? { watermark: iso(watermark) } : {}),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function round(n: number): number {
  return Math.round(n * 10) / 10;
}
