/**
 * The event log on Kafka, through npm:kafkajs.
 *
 * @module
 */
import type { Kafka, RetryOptions } from "kafkajs";
import { addressOf, BRISK, kafkaClient, type KafkaConnection, PATIENT } from "./_kafka_client.ts";
import { KafkaAppender } from "./_kafka_appender.ts";
import { KafkaCluster } from "./_kafka_cluster.ts";
import { consumeGroup, type ConsumerSettings } from "./_kafka_consumer.ts";
import { unreachable } from "./_kafka_failure.ts";
import { type LogCallback, Outages } from "./_kafka_outages.ts";
import { createKafkaTopics } from "./_kafka_topics.ts";
import { settledWithin } from "../async/waiting.ts";
import type {
  ConsumeOptions,
  EventLog,
  LogRecord,
  NewRecord,
  OffsetRange,
  TopicSpec,
  TopicStatus,
} from "./event_log.ts";
import type { LogUnreachableError } from "./log_errors.ts";

export type { KafkaConnection, KafkaLogin } from "./_kafka_client.ts";
export type { LogCallback, LogLevel } from "./_kafka_outages.ts";

/** Options of {@linkcode openKafkaLog}. */
export interface KafkaLogOptions extends KafkaConnection {
  /** Hears of outages, each once at its beginning and end, and of other trouble. */
  readonly log?: LogCallback;
  /**
   * How long an append or a look-up waits for Kafka to come back, in ms. Consumers wait for ever.
   *
   * @default {40_000}
   */
  readonly patienceMs?: number;
  /**
   * A worker that is not heard of for so long loses its partitions, in ms.
   *
   * @default {10_000}
   */
  readonly sessionTimeoutMs?: number;
  /**
   * Most bytes of one partition in one fetch: 1 MiB holds about 1,000 toots. Larger ones are hardly
   * faster and cost memory twice, for the batch in hand and for the one fetched ahead.
   *
   * @default {1_048_576}
   */
  readonly fetchBytes?: number;
  /**
   * Batches of different partitions that a consumer has in hand at the same time.
   *
   * @default {4}
   */
  readonly concurrency?: number;
}

/** How long the first contact may take, in ms. */
const CONTACT_MS = 9000;

/**
 * Connects to Kafka. Later outages are waited out: appends and look-ups for
 * {@linkcode KafkaLogOptions.patienceMs}, consumers for ever.
 *
 * - `append` sends up to 500 records a request, one request at a time, through an idempotent producer.
 * - `consume` follows `positions` alone; the offset committed in Kafka is a hint for tools that watch
 *   the lag. The next batch of a partition is fetched while one is processed.
 *
 * @throws {LogUnreachableError} within 10 s if no broker answers or lets us in
 * @example
 * ```ts
 * import { openKafkaLog } from "./kafka_log.ts";
 * async function example() {
 *   await using log = await openKafkaLog({ brokers: ["localhost:9092"] });
 *   await log.createTopics([{ name: "mastodon_stream", partitions: 4 }]);
 *   await log.append("mastodon_stream", [{ key: "1", value: "{}" }]);
 * }
 * ```
 */
export async function openKafkaLog(options: KafkaLogOptions): Promise<EventLog> {
  const log = new KafkaLog(options);
  try {
    await log.contact();
    return log;
  } catch (error) {
    await log[Symbol.asyncDispose]();
    throw error;
  }
}

class KafkaLog implements EventLog {
  readonly engine = "kafka";
  readonly #options: KafkaLogOptions;
  readonly #outages: Outages;
  readonly #settings: ConsumerSettings;
  readonly #cluster: KafkaCluster;
  readonly #appender: KafkaAppender;

  constructor(options: KafkaLogOptions) {
    const { log = () => {}, patienceMs = 40_000 } = options;
    this.#options = options;
    this.#outages = new Outages(log);
    this.#settings = {
      sessionTimeoutMs: options.sessionTimeoutMs ?? 10_000,
      fetchBytes: options.fetchBytes ?? 1024 * 1024,
      concurrency: options.concurrency ?? 4,
    };
    const shared = {
      unreachable: (error: unknown) => this.#unreachable(error),
      onAnswer: (broker: string) => this.#outages.answered(broker),
      patienceMs,
    };
    this.#cluster = new KafkaCluster({ ...shared, client: () => this.#client(BRISK) });
    this.#appender = new KafkaAppender({
      ...shared,
      client: () => this.#client(PATIENT),
      partitionCount: (topic) => this.#cluster.partitionCount(topic),
    });
  }

  /** Sees whether anybody is there. */
  async contact(): Promise<void> {
    const admin = this.#client(BRISK, new Outages(() => {})).admin();
    let failure: unknown = new Error("Connection timed out");
    const contact = admin.connect().then(() => admin.listTopics()).then(
      () => failure = null,
      (error) => failure = error,
    );
    await settledWithin(contact, CONTACT_MS);
    await settledWithin(admin.disconnect(), 1000);
    if (failure !== null) throw this.#unreachable(failure);
  }

  createTopics(specs: readonly TopicSpec[]): Promise<readonly TopicStatus[]> {
    return createKafkaTopics(specs, {
      client: () => this.#client(PATIENT),
      offsets: (topic) => this.#cluster.offsets(topic),
      unreachable: (error) => this.#unreachable(error),
    });
  }

  append(topic: string, records: readonly NewRecord[]): Promise<void> {
    return this.#appender.append(topic, records);
  }

  offsets(topic: string): Promise<ReadonlyMap<number, OffsetRange>> {
    return this.#cluster.offsets(topic);
  }

  read(
    topic: string,
    options: { partition: number; from: number; limit: number },
  ): Promise<readonly LogRecord[]> {
    return this.#cluster.read(topic, options);
  }

  consume(options: ConsumeOptions): Promise<void> {
    return consumeGroup({
      client: () => this.#client(PATIENT),
      settings: this.#settings,
      consume: options,
      offsets: (topic) => this.#cluster.offsets(topic),
      unreachable: (error) => this.#unreachable(error),
      onAnswer: (broker) => this.#outages.answered(broker),
      warn: (message) => this.#outages.complain(message),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#appender[Symbol.asyncDispose]();
    this.#outages.mute();
    await this.#cluster[Symbol.asyncDispose]();
  }

  #client(retry: RetryOptions, outages: Outages = this.#outages): Kafka {
    return kafkaClient(this.#options, { outages, retry });
  }

  #unreachable(error: unknown): LogUnreachableError {
    return unreachable(error, addressOf(this.#options));
  }
}
