/**
 * The port through which everything reads and writes the event log: partitioned, append-only
 * topics with per-partition offsets. Adapters: Kafka (`kafka_log.ts`) and the embedded log kept in
 * the database (`embedded_log.ts`).
 *
 * @module
 */

/** A record as the log hands it to a consumer. */
export interface LogRecord {
  /**
   * Position in the partition, counted from 0. A `number`: Kafka's offsets are 64-bit, but 2^53
   * records in one partition would take 285,000 years at 1,000 a second.
   */
  readonly offset: number;
  /** The record's key; records with equal keys keep their order. */
  readonly key: string | null;
  /** The payload as bytes: it may be anything, JSON or not. */
  readonly value: Uint8Array;
  /** When the record reached the log, in ms since the epoch. */
  readonly timestamp: number;
  /** Header values as text. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A record on its way into the log. */
export interface NewRecord {
  /** Decides the partition: equal keys share one. `null` lets the log choose. */
  readonly key: string | null;
  /** The payload; text is stored as UTF-8. */
  readonly value: string | Uint8Array;
  /** Header values as text. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Consecutive records of one partition. */
export interface RecordBatch {
  readonly topic: string;
  readonly partition: number;
  /** At least one record, in offset order. */
  readonly records: readonly LogRecord[];
  /** The partition's end (the offset that the next append gets) when this batch was fetched. */
  readonly endOffset: number;
}

/** A topic that should exist. */
export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  /** Largest record in bytes that the topic should take; the log's own default if left out. */
  readonly maxMessageBytes?: number;
}

/** A topic as it is after {@linkcode EventLog.createTopics}. */
export interface TopicStatus {
  readonly name: string;
  readonly partitions: number;
  readonly created: boolean;
  /** Largest record in bytes that it takes, where the log tells. */
  readonly maxMessageBytes?: number;
}

/** The half-open range of offsets that a partition holds. */
export interface OffsetRange {
  /** The oldest offset still kept. */
  readonly start: number;
  /** The offset that the next record gets. */
  readonly end: number;
}

/** What {@linkcode EventLog.consume} needs. */
export interface ConsumeOptions {
  readonly topic: string;
  /** Consumer group: each partition is read by one member of a group at a time. */
  readonly group: string;
  /**
   * Called each time partitions are assigned to this consumer, and again after
   * {@linkcode FencedError}: gives the next offset to read of each. A partition left out is read
   * from its start.
   */
  positions(partitions: readonly number[]): Promise<ReadonlyMap<number, number>>;
  /**
   * Called with one batch at a time per partition, in offset order. Resolves once the batch is
   * durably processed. Throws {@linkcode FencedError} when somebody else moved the position: the
   * consumer then asks `positions` again and seeks.
   */
  onBatch(batch: RecordBatch): Promise<void>;
  /** Called when partitions leave this consumer, before another member may get them. */
  onRevoked?(partitions: readonly number[]): void;
  /**
   * Called at least every {@linkcode tickMs} while nothing else runs in this consumer, with the
   * partitions that it holds: the place for idle detection.
   */
  onTick?(partitions: readonly number[]): Promise<void>;
  /** Time between ticks, in ms. */
  readonly tickMs?: number;
  /** Most records in one batch. */
  readonly maxBatchRecords?: number;
  /** Ends consumption: the batch in hand is finished first. */
  readonly signal: AbortSignal;
}

/** A partitioned, append-only log. */
export interface EventLog extends AsyncDisposable {
  /** Which adapter this is, for messages. */
  readonly engine: "kafka" | "embedded";
  /** Creates the topics that are missing; never shrinks or deletes one. */
  createTopics(specs: readonly TopicSpec[]): Promise<readonly TopicStatus[]>;
  /**
   * Appends records in order; resolves when all of them are durable. Throws if the topic is
   * missing or the log stays unreachable; then some of the records may have been written.
   */
  append(topic: string, records: readonly NewRecord[]): Promise<void>;
  /** Each partition's offsets; throws if the topic is missing. */
  offsets(topic: string): Promise<ReadonlyMap<number, OffsetRange>>;
  /**
   * Reads one partition from `from` for at most `limit` records without joining a group: for
   * looking (dead letters, tests), not for processing.
   */
  read(
    topic: string,
    options: { partition: number; from: number; limit: number },
  ): Promise<readonly LogRecord[]>;
  /** Consumes until `signal` aborts. Throws what `onBatch` throws, except {@linkcode FencedError}. */
  consume(options: ConsumeOptions): Promise<void>;
}

/**
 * The stored position is not where this consumer thought it was: another worker has moved it, so
 * this one must not commit.
 *
 * @example
 * ```ts
 * import { FencedError } from "./event_log.ts";
 * const error = new FencedError("mastodon_stream", { partition: 3, expected: 10, found: 25 });
 * if (!error.message.includes("partition 3")) throw error;
 * ```
 */
export class FencedError extends Error {
  override readonly name = "FencedError";
  constructor(
    topic: string,
    position: { partition: number; expected: number; found: number | null },
  ) {
    super(
      `Another worker moved ${topic} partition ${position.partition}: expected next offset ` +
        `${position.expected}, found ${position.found ?? "none"}`,
    );
  }
}

/** The topic does not exist in the log; `deno task topics` creates it. */
export class MissingTopicError extends Error {
  override readonly name = "MissingTopicError";
  constructor(topic: string) {
    super(`Topic "${topic}" does not exist in the log: create it with "deno task topics"`);
  }
}
