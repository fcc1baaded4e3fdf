import { Buffer } from "node:buffer";
import type { Message } from "kafkajs";

/** A record that waits to be sent, with the append that it belongs to. */
export interface QueuedRecord {
  readonly message: Message;
  readonly bytes: number;
  readonly append: PendingAppend;
}

/** One call of `append`, settled when all of its records are durable or one cannot be. */
export class PendingAppend {
  readonly topic: string;
  readonly done: Promise<void>;
  readonly startedMs: number;
  #left: number;
  #settle: { resolve: () => void; reject: (error: unknown) => void };
  #failed = false;

  constructor(topic: string, { records, nowMs }: { records: number; nowMs: number }) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.topic = topic;
    this.done = promise;
    this.startedMs = nowMs;
    this.#left = records;
    this.#settle = { resolve, reject };
  }

  /** Whether it has been given up: what is left of it is not sent. */
  get failed(): boolean {
    return this.#failed;
  }

  /** One more record is durable. */
  delivered(): void {
    if (--this.#left === 0) this.#settle.resolve();
  }

  fail(error: unknown): void {
    this.#failed = true;
    this.#settle.reject(error);
  }
}

/** How much one request takes. */
export interface ChunkLimits {
  readonly records: number;
  readonly bytes: number;
}

/** Records in the order of their appends, cut into requests of one topic each. */
export class AppendQueue {
  #records: QueuedRecord[] = [];
  #head = 0;
  #bytes = 0;

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#head >= this.#records.length;
  }

  push(record: QueuedRecord): void {
    this.#records.push(record);
    this.#bytes += record.bytes;
  }

  /** Puts back what could not be sent, before all others. */
  unshift(records: readonly QueuedRecord[]): void {
    this.#records = [...records, ...this.#records.slice(this.#head)];
    this.#head = 0;
    for (const { bytes } of records) this.#bytes += bytes;
  }

  /** The next request's records; one record larger than the limit goes alone. */
  take(limits: ChunkLimits): QueuedRecord[] {
    const chunk: QueuedRecord[] = [];
    let bytes = 0;
    for (; this.#head < this.#records.length; this.#head++) {
      const record = this.#records[this.#head];
      if (record === undefined) break;
      if (!record.append.failed) {
        const topic = chunk[0]?.append.topic ?? record.append.topic;
        const isFull = chunk.length >= limits.records || bytes + record.bytes > limits.bytes;
        if (chunk.length > 0 && (isFull || topic !== record.append.topic)) break;
        chunk.push(record);
        bytes += record.bytes;
      }
      this.#bytes -= record.bytes;
    }
    if (this.#head > 10_000 || this.isEmpty) {
      this.#records = this.#records.slice(this.#head);
      this.#head = 0;
    }
    return chunk;
  }

  /** Every append that still waits. */
  appends(): Set<PendingAppend> {
    return new Set(this.#records.slice(this.#head).map(({ append }) => append));
  }
}

/** A message's bytes, without a copy where they are bytes already. */
export function toBuffer(value: string | Uint8Array): Buffer {
  return typeof value === "string"
    ? Buffer.from(value, "utf8")
    : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
