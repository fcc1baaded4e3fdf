import { type Kafka, type Message, type Producer, type RecordMetadata } from "kafkajs";
import { AppendQueue, PendingAppend, type QueuedRecord, toBuffer } from "./_append_queue.ts";
import { isBrokerError, isPermanent } from "./_kafka_failure.ts";
import { turns } from "../async/turns.ts";
import { settledWithin, sleep, within } from "../async/waiting.ts";
import type { NewRecord } from "./event_log.ts";
import { kafkaPartitionOf } from "./kafka_partitioner.ts";
import { LogUnreachableError, RecordTooLargeError } from "./log_errors.ts";

/** What an appender works with. */
export interface AppenderOptions {
  /** A new client for each producer. */
  readonly client: () => Kafka;
  /** Partitions of a topic; throws if it is missing. */
  readonly partitionCount: (topic: string) => Promise<number>;
  /** The error that says why Kafka cannot be reached. */
  readonly unreachable: (error: unknown) => LogUnreachableError;
  /** How long an append waits for Kafka to come back, in ms. */
  readonly patienceMs: number;
  readonly onAnswer: (broker: string) => void;
}

/** A request: 500 records were fastest, and brokers take 1 MB a partition by default. */
const CHUNK = { records: 500, bytes: 900_000 };
/** Appends wait for their turn once so many bytes are queued. */
const MAX_QUEUED_BYTES = 32 * 1024 * 1024;
/** Room that a record takes besides key, value and headers. */
const RECORD_OVERHEAD = 32;
/** How long a broker may take to write a request to all replicas, in ms. */
const WRITE_TIMEOUT_MS = 10_000;
const CLOSE_MS = 3000;

/**
 * Sends appends one request at a time. kafkajs counts a producer's sequence numbers back when a
 * request fails, so a second request in flight would take the numbers of the first: the broker would
 * take it for a repetition, acknowledge it and drop it. For the same reason a producer whose request
 * was given up is not used again.
 */
export class KafkaAppender implements AsyncDisposable {
  readonly #options: AppenderOptions;
  readonly #queue = new AppendQueue();
  readonly #closing = new AbortController();
  #producer: { producer: Producer; abandon: () => void } | null = null;
  #sending: Promise<void> | null = null;
  /** Appends enter the queue one after the other. */
  readonly #inTurn = turns();
  #room: (() => void) | null = null;
  #keyless = 0;

  constructor(options: AppenderOptions) {
    this.#options = options;
  }

  /** See {@linkcode EventLog.append}. */
  async append(topic: string, records: readonly NewRecord[]): Promise<void> {
    if (records.length === 0) return;
    const append = new PendingAppend(topic, { records: records.length, nowMs: performance.now() });
    // In turns: neither a look-up of partitions nor a wait for room may change the order.
    await this.#inTurn(() => this.#enqueue(append, records));
    await append.done;
  }

  /** Sends what is queued if Kafka answers soon; the rest is refused. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#sending !== null) await settledWithin(this.#sending, CLOSE_MS);
    this.#closing.abort();
    this.#room?.();
    await this.#sending;
    await this.#retire(true);
  }

  async #enqueue(append: PendingAppend, records: readonly NewRecord[]): Promise<void> {
    const partitions = await this.#options.partitionCount(append.topic);
    while (this.#queue.bytes > MAX_QUEUED_BYTES && !this.#closing.signal.aborted) {
      await new Promise<void>((resolve) => this.#room = resolve);
    }
    if (this.#closing.signal.aborted) throw closed();
    const keyless = this.#keyless++ % partitions;
    for (const record of records) this.#queue.push(queued(record, { append, partitions, keyless }));
    this.#sending ??= this.#send();
  }

  async #send(): Promise<void> {
    let limits = CHUNK;
    while (!this.#queue.isEmpty && !this.#closing.signal.aborted) {
      const chunk = this.#queue.take(limits);
      if (chunk.length === 0) continue;
      try {
        await this.#deliver(chunk);
        for (const { append } of chunk) append.delivered();
        limits = CHUNK;
      } catch (error) {
        await this.#retire(false);
        if (isBrokerError(error, "MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE")) {
          limits = this.#split(chunk, limits);
        } else {
          await this.#recover(chunk, error);
        }
      }
      this.#room?.();
    }
    this.#refuse(() => true, closed());
    this.#sending = null;
  }

  async #deliver(chunk: readonly QueuedRecord[]): Promise<void> {
    const oldest = Math.min(...chunk.map(({ append }) => append.startedMs));
    const left = Math.max(oldest + this.#options.patienceMs - performance.now(), 1000);
    const sent = await within(this.#request(chunk), { ms: left, signal: this.#closing.signal });
    if (sent === null) {
      throw new LogUnreachableError("Kafka does not acknowledge records: see its own log");
    }
    assertAllWritten(chunk, sent.value);
  }

  async #request(chunk: readonly QueuedRecord[]): Promise<RecordMetadata[]> {
    const topic = chunk[0]?.append.topic ?? "";
    const messages = chunk.map(({ message }) => message);
    const producer = await this.#connected();
    return await producer.send({ topic, acks: -1, timeout: WRITE_TIMEOUT_MS, messages });
  }

  /** After a failure that is not about size: gives up, or lets the same records be sent again. */
  async #recover(chunk: readonly QueuedRecord[], error: unknown): Promise<void> {
    const topic = chunk[0]?.append.topic ?? "";
    const { partitionCount, unreachable, patienceMs } = this.#options;
    this.#queue.unshift(chunk);
    if (isBrokerError(error, "UNKNOWN_TOPIC_OR_PARTITION", "INVALID_TOPIC_EXCEPTION")) {
      try {
        await partitionCount(topic);
      } catch (missing) {
        this.#refuse((append) => append.topic === topic, missing);
        return;
      }
    }
    if (isPermanent(error)) {
      this.#refuse((append) => append.topic === topic, unreachable(error));
      return;
    }
    const patient = performance.now() - patienceMs;
    this.#refuse((append) => append.startedMs <= patient, unreachable(error));
    await sleep(200, this.#closing.signal);
  }

  #split(chunk: readonly QueuedRecord[], limits: typeof CHUNK): typeof CHUNK {
    const [first] = chunk;
    if (chunk.length === 1 && first !== undefined) {
      first.append.fail(new RecordTooLargeError(first.append.topic, first.bytes));
      return CHUNK;
    }
    this.#queue.unshift(chunk);
    return { ...limits, records: Math.ceil(chunk.length / 2) };
  }

  #refuse(which: (append: PendingAppend) => boolean, error: unknown): void {
    for (const append of this.#queue.appends()) if (which(append)) append.fail(error);
  }

  async #connected(): Promise<Producer> {
    if (this.#producer !== null) return this.#producer.producer;
    let abandoned = false;
    const producer = this.#options.client().producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      maxInFlightRequests: 5,
      metadataMaxAge: 60_000,
      // Runs at each attempt: what was given up must not be written after its successors.
      createPartitioner: () => ({ message }) => {
        if (abandoned) throw new LogUnreachableError("The request was given up");
        return message.partition ?? 0;
      },
    });
    producer.on(producer.events.REQUEST, ({ payload }) => this.#options.onAnswer(payload.broker));
    this.#producer = { producer, abandon: () => abandoned = true };
    await producer.connect();
    return producer;
  }

  async #retire(inOrder: boolean): Promise<void> {
    const retired = this.#producer;
    this.#producer = null;
    if (retired === null) return;
    retired.abandon();
    const done = retired.producer.disconnect().catch(() => {});
    if (inOrder) await settledWithin(done, CLOSE_MS);
  }
}

function closed(): LogUnreachableError {
  return new LogUnreachableError("The log is closed: nothing can be appended");
}

function queued(
  { key, value, headers }: NewRecord,
  { append, partitions, keyless }: { append: PendingAppend; partitions: number; keyless: number },
): QueuedRecord {
  const bytes = toBuffer(value);
  const message: Message = {
    key,
    value: bytes,
    partition: key === null ? keyless : kafkaPartitionOf(key, partitions),
  };
  let size = RECORD_OVERHEAD + bytes.length + (key?.length ?? 0);
  if (headers !== undefined) {
    message.headers = { ...headers };
    for (const [name, text] of Object.entries(headers)) size += name.length + text.length + 4;
  }
  return { message, bytes: size, append };
}

/**
 * kafkajs asks each broker once: a partition whose leader moved between two attempts to a broker that
 * had already answered would be left out without an error.
 */
function assertAllWritten(
  chunk: readonly QueuedRecord[],
  results: readonly RecordMetadata[],
): void {
  const written = new Set(results.map(({ partition }) => partition));
  const missing = chunk.find(({ message }) => !written.has(message.partition ?? 0));
  if (missing === undefined) return;
  throw new Error(`Partition ${missing.message.partition} moved while records were sent to it`);
}
