import type { Batch, Consumer, EachBatchPayload } from "kafkajs";
import type { BatchGate } from "./_batch_gate.ts";
import { PartitionSlot } from "./_partition_slot.ts";
import { toLogRecord } from "./_kafka_record.ts";
import { settledWithin, sleep } from "../async/waiting.ts";
import type { ConsumeOptions, OffsetRange } from "./event_log.ts";
import { isLogOutage } from "./_kafka_failure.ts";
import { PositionBeyondEndError } from "./log_errors.ts";

/** What a session works with. */
export interface SessionOptions {
  readonly consumer: Consumer;
  readonly consume: ConsumeOptions;
  readonly gate: BatchGate;
  /** Aborts when consumption is to end. */
  readonly stopping: AbortSignal;
  /** Ends consumption with an error. */
  readonly fail: (error: unknown) => void;
  readonly offsets: (topic: string) => Promise<ReadonlyMap<number, OffsetRange>>;
  readonly warn: (message: string) => void;
  readonly heartbeatMs: number;
  /** Partitions of the topic. */
  readonly partitions: number;
}

/** How often Kafka is told how far we are, for tools that watch the lag, in ms. */
const HINT_MS = 1000;
const CLOSE_MS = 5000;

/**
 * One membership in a consumer group, from joining to leaving.
 *
 * kafkajs fetches and keeps the membership; where a partition is read is decided here. At each
 * assignment all partitions are paused before kafkajs can fetch anything, positions are asked for,
 * and only then are they sought and resumed. A batch that does not start where the last one ended is
 * dropped and its partition sought again, whatever kafkajs has made of errors in between.
 */
export class GroupSession {
  readonly #options: SessionOptions;
  readonly #topic: string;
  readonly #slots = new Map<number, PartitionSlot>();
  #held: readonly number[] = [];
  #generation = 0;
  #joined = false;
  #over = false;
  #hinting = false;
  readonly #crash = Promise.withResolvers<unknown>();

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#topic = options.consume.topic;
  }

  /** The partitions that this member reads. */
  get reading(): number[] {
    return [...this.#slots.values()].filter((slot) => !slot.closed).map((slot) => slot.partition);
  }

  /** Whether it ever became a member. */
  get joined(): boolean {
    return this.#joined;
  }

  /** Consumes until it is told to stop (gives null) or kafkajs gives up (gives its error). */
  async run(): Promise<unknown> {
    const { consumer, stopping } = this.#options;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      this.#assigned(payload.memberAssignment[this.#topic] ?? []);
    });
    consumer.on(consumer.events.REBALANCING, () => this.#revoke());
    consumer.on(consumer.events.START_BATCH_PROCESS, ({ payload }) => {
      // Nothing but control records: kafkajs passes over them without showing them.
      if (payload.batchSize > 0) return;
      const [first, last] = [Number(payload.firstOffset), Number(payload.lastOffset)];
      this.#slots.get(payload.partition)?.skip(first, last + 1);
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => this.#crash.resolve(payload.error));
    const over = new AbortController();
    const hints = setInterval(() => this.#hint(), HINT_MS);
    try {
      const start = this.#start().then(() => new Promise<never>(() => {}), (error) => error);
      const stopped = new Promise<null>((resolve) => {
        if (stopping.aborted) resolve(null);
        stopping.addEventListener("abort", () => resolve(null), { signal: over.signal });
      });
      return await Promise.race([start, this.#crash.promise, stopped]);
    } finally {
      over.abort();
      clearInterval(hints);
      await this.#leave();
    }
  }

  async #start(): Promise<void> {
    const { consumer } = this.#options;
    await consumer.connect();
    if (this.#over) return await consumer.disconnect();
    await consumer.subscribe({ topics: [this.#topic], fromBeginning: true });
    if (this.#over) return await consumer.disconnect();
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      // Each call only hands over: none may wait for another partition's turn.
      partitionsConsumedConcurrently: Math.max(this.#options.partitions, 8),
      eachBatch: (payload) => this.#eachBatch(payload),
    });
  }

  async #leave(): Promise<void> {
    const { consumer } = this.#options;
    const slots = [...this.#slots.values()];
    for (const slot of slots) slot.close();
    await Promise.all(slots.map((slot) => slot.idle()));
    await settledWithin(this.#commitHints(slots), HINT_MS);
    this.#over = true;
    this.#revoke();
    await settledWithin(consumer.disconnect(), CLOSE_MS);
  }

  #revoke(): void {
    const revoked = this.#held;
    this.#held = [];
    for (const slot of this.#slots.values()) slot.close();
    if (revoked.length > 0) this.#options.consume.onRevoked?.(revoked);
  }

  /** Runs before kafkajs fetches anything of the new assignment. */
  #assigned(partitions: readonly number[]): void {
    const { consumer, stopping } = this.#options;
    // kafkajs cannot be told to stop while it joins; this makes it give up.
    if (this.#over) throw new Error("The session is over");
    const generation = ++this.#generation;
    this.#joined = true;
    this.#revoke();
    if (partitions.length === 0) return;
    consumer.pause([{ topic: this.#topic, partitions: [...partitions] }]);
    if (stopping.aborted) return;
    this.#held = [...partitions].sort((a, b) => a - b);
    void this.#position(generation).catch((error) => this.#options.fail(error));
  }

  async #position(generation: number): Promise<void> {
    const { consumer, consume, stopping } = this.#options;
    const isCurrent = () => generation === this.#generation && !stopping.aborted;
    // What was in hand when the partitions left may still be on its way into the database.
    await Promise.all([...this.#slots.values()].map((slot) => slot.idle()));
    if (!isCurrent()) return;
    this.#slots.clear();
    const partitions = this.#held;
    const positions = await consume.positions(partitions);
    const ranges = await this.#ranges(partitions, isCurrent);
    if (!isCurrent()) return;
    for (const partition of partitions) {
      const range = ranges.get(partition);
      if (range === undefined) continue;
      const next = this.#startOf(partition, { range, positions });
      this.#slots.set(partition, this.#slot(partition, next));
      this.#seek(partition, next);
    }
    whileRunning(() => consumer.resume([{ topic: this.#topic, partitions: [...partitions] }]));
  }

  async #ranges(
    partitions: readonly number[],
    isCurrent: () => boolean,
  ): Promise<ReadonlyMap<number, OffsetRange>> {
    while (isCurrent()) {
      try {
        const ranges = await this.#options.offsets(this.#topic);
        // The group may know of a partition that was added before the look-up does.
        if (partitions.every((partition) => ranges.has(partition))) return ranges;
      } catch (error) {
        if (!isLogOutage(error)) throw error;
      }
      await sleep(HINT_MS, this.#options.stopping);
    }
    return new Map();
  }

  #startOf(
    partition: number,
    { range: { start, end }, positions }: {
      range: OffsetRange;
      positions: ReadonlyMap<number, number>;
    },
  ): number {
    const next = positions.get(partition) ?? start;
    if (next > end) throw new PositionBeyondEndError(this.#topic, { partition, next, end });
    if (next >= start) return next;
    this.#options.warn(
      `Records ${next} to ${start - 1} of "${this.#topic}" partition ${partition} left the log ` +
        "before they were read: raise the topic's retention",
    );
    return start;
  }

  #slot(partition: number, next: number): PartitionSlot {
    const { consume, gate, stopping, fail } = this.#options;
    return new PartitionSlot({
      partition,
      next,
      consume,
      gate,
      stopping,
      fail,
      seek: (offset) => this.#seek(partition, offset),
    });
  }

  async #eachBatch({ batch, heartbeat, resolveOffset }: EachBatchPayload): Promise<void> {
    const slot = this.#slots.get(batch.partition);
    if (slot === undefined || slot.closed) return;
    await this.#keepAlive(slot.idle(), heartbeat);
    if (slot.closed || this.#options.stopping.aborted) return;
    const from = fetchedFrom(batch);
    if (!this.#fits(slot, from)) {
      if (from < slot.next) void this.#checkEnd(slot).catch(this.#options.fail);
      this.#seek(batch.partition, slot.next);
      return;
    }
    const last = batch.messages.at(-1);
    if (last === undefined) return;
    resolveOffset(last.offset);
    slot.start(batch.messages.map(toLogRecord), {
      next: Number(batch.lastOffset()) + 1,
      end: Number(batch.highWatermark),
    });
  }

  /** kafkajs begins anew at the front where a position lies beyond the end: of another log, then. */
  async #checkEnd(slot: PartitionSlot): Promise<void> {
    const { partition, next } = slot;
    const isCurrent = () => !slot.closed && !this.#options.stopping.aborted;
    const range = (await this.#ranges([partition], isCurrent)).get(partition);
    if (range === undefined || !isCurrent()) return;
    if (next > range.end) {
      throw new PositionBeyondEndError(this.#topic, { partition, next, end: range.end });
    }
  }

  #fits(slot: PartitionSlot, from: number): boolean {
    const { next } = slot;
    if (!slot.accepts(from)) return false;
    if (from > next) {
      this.#options.warn(
        `Offsets ${next} to ${from - 1} of "${this.#topic}" partition ${slot.partition} hold no ` +
          "records any more: raise the topic's retention if they were not read",
      );
    }
    return true;
  }

  /**
   * Waits with heartbeats. If one says that the group is rebalancing, what is in hand is finished
   * before kafkajs hears of it and joins again.
   */
  async #keepAlive(done: Promise<void>, heartbeat: () => Promise<void>): Promise<void> {
    const over = new AbortController();
    const finished = done.finally(() => over.abort());
    while (!over.signal.aborted) {
      await sleep(this.#options.heartbeatMs, over.signal);
      if (over.signal.aborted) break;
      try {
        await heartbeat();
      } catch (error) {
        await finished;
        throw error;
      }
    }
    await finished;
  }

  #seek(partition: number, offset: number): void {
    const { consumer } = this.#options;
    whileRunning(() => consumer.seek({ topic: this.#topic, partition, offset: String(offset) }));
  }

  #hint(): void {
    if (this.#hinting) return;
    this.#hinting = true;
    const slots = [...this.#slots.values()];
    void this.#commitHints(slots).catch(() => {}).finally(() => this.#hinting = false);
  }

  async #commitHints(slots: readonly PartitionSlot[]): Promise<void> {
    const changed = slots.filter((slot) => slot.hasHint);
    if (changed.length === 0) return;
    const offsets = changed.map(({ partition, processed }) => (
      { topic: this.#topic, partition, offset: String(processed) }
    ));
    await this.#options.consumer.commitOffsets(offsets);
    offsets.forEach(({ offset }, i) => changed[i]?.hinted(Number(offset)));
  }
}

/** kafkajs refuses orders when it has just stopped: the next membership finds its place anew. */
function whileRunning(order: () => void): void {
  try {
    order();
  } catch (error) {
    if (!(error instanceof Error) || !/run must be called first/.test(error.message)) throw error;
  }
}

/** The offset that kafkajs asked the broker for; its typings leave it out. */
function fetchedFrom(batch: Batch): number {
  const offset: unknown = Reflect.get(batch, "fetchedOffset");
  return Number(offset);
}
