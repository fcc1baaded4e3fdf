/**
 * A log in memory for tests, which can be down and can lie about it.
 *
 * @module
 */
import {
  type ConsumeOptions,
  type EventLog,
  type LogRecord,
  MissingTopicError,
  type NewRecord,
  type OffsetRange,
  type TopicSpec,
  type TopicStatus,
} from "../log/event_log.ts";
import { RecordTooLargeError } from "../log/log_errors.ts";
import { partitionOf } from "../log/partitioner.ts";

const encoder = new TextEncoder();

export class MemoryLog implements EventLog {
  readonly engine = "embedded";
  /** While it is down every call fails. */
  isDown = false;
  /** The next so many appends write half of their records and fail. */
  halfAppends = 0;
  /** The largest value that topics take. */
  maxBytes = Infinity;
  /** Appends that wait for this before they do anything. */
  hold: Promise<void> | null = null;
  readonly #topics = new Map<string, LogRecord[][]>();

  constructor(partitions = 4, topics: readonly string[] = ["events", "errors"]) {
    for (const topic of topics) {
      this.#topics.set(topic, Array.from({ length: partitions }, () => []));
    }
  }

  /** All records of a topic, partition by partition. */
  records(topic = "events"): LogRecord[] {
    return (this.#topics.get(topic) ?? []).flat();
  }

  /** The records of a topic by partition. */
  partitions(topic = "events"): LogRecord[][] {
    return this.#topics.get(topic) ?? [];
  }

  createTopics(_specs: readonly TopicSpec[]): Promise<readonly TopicStatus[]> {
    return Promise.resolve([]);
  }

  async append(topic: string, records: readonly NewRecord[]): Promise<void> {
    await this.hold;
    const partitions = this.#reach(topic);
    const size = Math.max(0, ...records.map(({ value }) => value.length));
    if (size > this.maxBytes) throw new RecordTooLargeError(topic, size);
    const half = this.halfAppends > 0;
    if (half) this.halfAppends--;
    for (const record of half ? records.slice(0, records.length >> 1) : records) {
      const list = partitions[partitionOf(record.key, partitions.length)] ?? [];
      list.push({
        offset: list.length,
        key: record.key,
        value: typeof record.value === "string" ? encoder.encode(record.value) : record.value,
        timestamp: Date.now(),
        headers: record.headers ?? {},
      });
    }
    if (half) throw new Error("The connection broke while records were written");
  }

  // deno-lint-ignore require-await -- failures are to reject, not to throw
  async offsets(topic: string): Promise<ReadonlyMap<number, OffsetRange>> {
    return new Map(this.#reach(topic).map((list, i) => [i, { start: 0, end: list.length }]));
  }

  // deno-lint-ignore require-await -- failures are to reject, not to throw
  async read(
    topic: string,
    { partition, from, limit }: { partition: number; from: number; limit: number },
  ): Promise<readonly LogRecord[]> {
    return this.#reach(topic)[partition]?.slice(from, from + limit) ?? [];
  }

  consume(_options: ConsumeOptions): Promise<void> {
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #reach(topic: string): LogRecord[][] {
    if (this.isDown) throw new Error("The log is down");
    const partitions = this.#topics.get(topic);
    if (partitions === undefined) throw new MissingTopicError(topic);
    return partitions;
  }
}
