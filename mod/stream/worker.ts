/**
 * The stream job: reads batches of the log, has them processed, and moves finality on.
 *
 * @module
 */
import type { Database } from "../db/database.ts";
import { withRetries } from "../db/retryable.ts";
import type { EventLog } from "../log/event_log.ts";
import { PositionBeyondEndError } from "../log/log_errors.ts";
import { advanceFinality, claimWindows } from "./finality.ts";
import { LetterBox } from "./letter_box.ts";
import { type BatchReport, StreamProcessor } from "./processor.ts";
import type { TootScorer } from "./toot_scorer.ts";
import { initPositions, markIdle, readPositions } from "./progress_store.ts";
import { windowStart } from "./window.ts";

/** The group under which positions are stored and Kafka spreads partitions. */
export const WORKER_GROUP = "mastodon-pulse-stream";

/** What a worker works with. */
export interface WorkerOptions {
  readonly db: Database;
  readonly log: EventLog;
  readonly topic: string;
  readonly errorTopic: string;
  /** @default {WORKER_GROUP} */
  readonly group?: string;
  readonly windowS: number;
  readonly graceS: number;
  /** A partition silent for so long stops holding the watermark back. */
  readonly idleTimeoutS: number;
  readonly scorer: TootScorer | null;
  /** Stop once everything that the log held at the start is processed. @default {false} */
  readonly once?: boolean;
  /** @default {5000} */
  readonly maxBatchRecords?: number;
  /** Time between idle checks, in ms. @default {1000} */
  readonly tickMs?: number;
  /** Ends the job; the batch in hand is committed first. */
  readonly signal: AbortSignal;
  readonly onBatch?: (report: BatchReport) => void;
  /** Hears, at each tick, until when windows are final (ms). */
  readonly onFinal?: (finalUntilMs: number) => void;
}

/** How often finality is looked at while batches flow, in ms, at most. */
const FINALITY_EVERY_MS = 500;
/**
 * To move finality on means to wait for the batches in flight, and for the next ones to wait: this
 * share of the time may be spent so. A backlog's large batches make it rare, live ones keep it brief.
 */
const FINALITY_SHARE = 0.02;
/**
 * Dead letters wait so long for others, in ms. Of 0 to 40 ms this slowed a backlog with 1% of bad
 * records least.
 */
const LINGER_MS = 25;

/**
 * Runs until the signal aborts, or with `once` until the log is drained.
 *
 * @throws {WindowClockError} if the database holds windows of another length
 * @throws {MissingTopicError} if the topic does not exist
 * @throws {PositionBeyondEndError} if the log is not the one that was read before
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const worker = new Worker(options);
  await worker.run();
}

class Worker {
  readonly #options: WorkerOptions;
  readonly #group: string;
  readonly #windowMs: number;
  readonly #graceMs: number;
  readonly #processor: StreamProcessor;
  /** When each partition last had a record, in ms of the monotonic clock. */
  readonly #lastRecord = new Map<number, number>();
  /** Window of the newest watermark by partition: finality can only move when one does. */
  readonly #markWindow = new Map<number, number>();
  #finalityDue = true;
  /** When finality may be looked at again, in ms of the monotonic clock. */
  #finalityAt = -Infinity;

  constructor(options: WorkerOptions) {
    const { db, log, topic, errorTopic, windowS, graceS, scorer } = options;
    this.#options = options;
    this.#group = options.group ?? WORKER_GROUP;
    this.#windowMs = windowS * 1000;
    this.#graceMs = graceS * 1000;
    const letters = new LetterBox({
      append: (records) => log.append(errorTopic, records),
      lingerMs: LINGER_MS,
    });
    this.#processor = new StreamProcessor({
      db,
      group: this.#group,
      topic,
      windowMs: this.#windowMs,
      graceMs: this.#graceMs,
      scorer,
      appendErrors: (records) => letters.post(records),
    });
  }

  async run(): Promise<void> {
    const { db, log, topic, windowS, signal, once = false } = this.#options;
    const group = this.#group;
    await claimWindows(db, { group, windowS });
    // Read in this order, since others may be moving them: a position is never beyond a later end.
    const stored = await readPositions(db, { group, topic });
    const ends = await log.offsets(topic);
    for (const { partition, nextOffset: next } of stored) {
      // Of a partition that was added just now we may not know yet.
      const { end } = ends.get(partition) ?? { end: Infinity };
      if (next > end) throw new PositionBeyondEndError(topic, { partition, next, end });
    }
    await initPositions(db, { group, topic, partitions: [...ends.keys()] });
    const drained = new AbortController();
    const isDrained = async () => {
      const ranges = await log.offsets(topic);
      const positions = await readPositions(db, { group, topic });
      return positions.every(({ partition, nextOffset }) => {
        // Records that the log no longer keeps are not waited for.
        const next = Math.max(nextOffset, ranges.get(partition)?.start ?? 0);
        return next >= (ends.get(partition)?.end ?? 0);
      });
    };
    if (once && await isDrained()) {
      await this.#recallSilence();
      await this.#settle([...ends.keys()]);
      return;
    }
    await log.consume({
      topic,
      group,
      maxBatchRecords: this.#options.maxBatchRecords ?? 5000,
      tickMs: this.#options.tickMs ?? 1000,
      signal: AbortSignal.any([signal, drained.signal]),
      positions: async (partitions) => {
        const positions = await this.#processor.positions(partitions);
        await this.#recallSilence();
        return positions;
      },
      onRevoked: (partitions) => this.#processor.release(partitions),
      onBatch: async (batch) => {
        const report = await this.#processor.process(batch);
        this.#lastRecord.set(batch.partition, performance.now());
        if (report === null) return;
        this.#noteWatermark(report);
        this.#options.onBatch?.(report);
        if (performance.now() >= this.#finalityAt) await this.#finalize();
      },
      onTick: async (partitions) => {
        await this.#settle(partitions);
        if (once && await isDrained()) drained.abort();
      },
    });
    if (once && !signal.aborted) await this.#settle([...ends.keys()]);
  }

  /** A partition's silence goes on when its worker starts again or another takes it over. */
  async #recallSilence(): Promise<void> {
    const { db, topic } = this.#options;
    const now = performance.now();
    for (const { partition, quietMs } of await readPositions(db, { group: this.#group, topic })) {
      this.#lastRecord.set(partition, now - quietMs);
    }
  }

  #noteWatermark({ partition, watermarkMs }: BatchReport): void {
    const window = windowStart(watermarkMs, this.#windowMs);
    if (this.#markWindow.get(partition) === window) return;
    this.#markWindow.set(partition, window);
    this.#finalityDue = true;
  }

  /** Marks silent partitions idle and moves finality on. */
  async #settle(partitions: readonly number[]): Promise<void> {
    const { db, log, topic, idleTimeoutS } = this.#options;
    const ends = await log.offsets(topic);
    const silent = new Map<number, number>();
    for (const partition of partitions) {
      const range = ends.get(partition);
      const next = this.#processor.nextOffset(partition) ?? range?.end;
      const last = this.#lastRecord.get(partition);
      if (range === undefined || next === undefined || last === undefined) continue;
      // Records that wait unread are no silence, however long they wait.
      if (Math.max(next, range.start) < range.end) continue;
      if (performance.now() - last >= idleTimeoutS * 1000) silent.set(partition, next);
    }
    await withRetries(() => markIdle(db, { group: this.#group, topic, silent }));
    this.#finalityDue ||= silent.size > 0;
    await this.#finalize();
  }

  async #finalize(): Promise<void> {
    if (!this.#finalityDue) return;
    const started = performance.now();
    // Until this one is through no other is begun.
    this.#finalityAt = Infinity;
    this.#finalityDue = false;
    const finalUntil = await advanceFinality(this.#options.db, {
      group: this.#group,
      topic: this.#options.topic,
      graceMs: this.#graceMs,
      windowMs: this.#windowMs,
    });
    const ended = performance.now();
    this.#finalityAt = ended + Math.max(FINALITY_EVERY_MS, (ended - started) / FINALITY_SHARE);
    this.#options.onFinal?.(finalUntil);
  }
}
