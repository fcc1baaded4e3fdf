import type { BatchGate } from "./_batch_gate.ts";
import { isLogOutage } from "./_kafka_failure.ts";
import { sleep } from "../async/waiting.ts";
import { type ConsumeOptions, FencedError, type LogRecord } from "./event_log.ts";

/** What a slot works with. */
export interface SlotOptions {
  readonly partition: number;
  /** Where its first batch must start. */
  readonly next: number;
  readonly consume: ConsumeOptions;
  readonly gate: BatchGate;
  readonly stopping: AbortSignal;
  readonly fail: (error: unknown) => void;
  readonly seek: (offset: number) => void;
}

/** Wait after being fenced, so that two workers that both think they own a partition do not race. */
const FENCED_MS = 100;
const OUTAGE_MS = 1000;
const MAX_SEEKS = 2;

/** One partition while it is ours: works on one batch while the next is being fetched. */
export class PartitionSlot {
  readonly partition: number;
  readonly #options: SlotOptions;
  #next: number;
  #closed = false;
  #work: Promise<void> = Promise.resolve();
  #misses = 0;
  #processed: number;
  #hinted: number;

  constructor(options: SlotOptions) {
    this.partition = options.partition;
    this.#options = options;
    this.#next = options.next;
    this.#processed = options.next;
    this.#hinted = options.next;
  }

  /** Where the next fetched batch must start. */
  get next(): number {
    return this.#next;
  }

  /** Whether the partition is ours no longer. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Resolves when nothing is in hand; never rejects. */
  idle(): Promise<void> {
    return this.#work;
  }

  /** Starts nothing any more; what is in hand is finished. */
  close(): void {
    this.#closed = true;
  }

  /** kafkajs passed over a stretch without records. */
  skip(from: number, to: number): void {
    if (from === this.#next) this.#next = to;
  }

  /**
   * Whether to take a batch fetched from this offset. One from further on is taken when kafkajs comes
   * back with it after two seeks: then the log holds nothing in between.
   */
  accepts(from: number): boolean {
    if (from > this.#next && this.#misses < MAX_SEEKS) {
      this.#misses++;
      return false;
    }
    if (from < this.#next) return false;
    this.#misses = 0;
    return true;
  }

  /** The next offset to be processed. */
  get processed(): number {
    return this.#processed;
  }

  /** Whether Kafka has not been told of the newest position yet. */
  get hasHint(): boolean {
    return this.#processed !== this.#hinted;
  }

  /** Kafka has been told of a position. */
  hinted(offset: number): void {
    this.#hinted = offset;
  }

  /** Works on fetched records in the background. Only when {@linkcode idle}. */
  start(records: readonly LogRecord[], { next, end }: { next: number; end: number }): void {
    this.#next = next;
    this.#work = this.#run(records, end).catch(this.#options.fail);
  }

  async #run(records: readonly LogRecord[], endOffset: number): Promise<void> {
    const { consume, gate } = this.#options;
    const { topic, maxBatchRecords = 5000 } = consume;
    // Equal parts: a large one and a tiny one would cost a transaction more for little.
    const size = Math.ceil(records.length / Math.ceil(records.length / maxBatchRecords));
    for (let from = 0; from < records.length; from += size) {
      const part = records.slice(from, from + size);
      const batch = { topic, partition: this.partition, records: part, endOffset };
      const goOn = await gate.pass(async () => !this.#isOver && await this.#hand(batch));
      if (!goOn) return;
      this.#processed = (part.at(-1)?.offset ?? -1) + 1;
    }
  }

  get #isOver(): boolean {
    return this.#closed || this.#options.stopping.aborted;
  }

  /** Hands over a batch until it is processed; false: the rest of the fetch is to be dropped. */
  async #hand(batch: Parameters<ConsumeOptions["onBatch"]>[0]): Promise<boolean> {
    const { consume, stopping } = this.#options;
    while (true) {
      try {
        await consume.onBatch(batch);
        return true;
      } catch (error) {
        if (error instanceof FencedError) {
          await this.#askAgain();
          return false;
        }
        // Dead letters could not be appended: an outage of the log, which is waited out.
        if (!isLogOutage(error)) throw error;
        await sleep(OUTAGE_MS, stopping);
        if (this.#isOver) return false;
      }
    }
  }

  async #askAgain(): Promise<void> {
    const { consume, stopping, seek } = this.#options;
    await sleep(FENCED_MS, stopping);
    if (this.#isOver) return;
    const positions = await consume.positions([this.partition]);
    this.#next = positions.get(this.partition) ?? this.#next;
    seek(this.#next);
  }
}
