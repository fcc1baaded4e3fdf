import { type Cluster, type Kafka, PartitionAssigners } from "kafkajs";
import { z } from "zod";
import { isBrokerError, isPermanent } from "./_kafka_failure.ts";
import { FetchedRecord } from "./_fetched_record.ts";
import { toLogRecord } from "./_kafka_record.ts";
import { settledWithin, sleep } from "../async/waiting.ts";
import { type LogRecord, MissingTopicError, type OffsetRange } from "./event_log.ts";
import type { LogUnreachableError } from "./log_errors.ts";

/** What a look-up works with. */
export interface ClusterOptions {
  readonly client: () => Kafka;
  readonly unreachable: (error: unknown) => LogUnreachableError;
  /** How long a look-up waits for Kafka to come back, in ms. */
  readonly patienceMs: number;
  readonly onAnswer: (broker: string) => void;
}

/** How long a topic may be unknown before it counts as missing: brokers learn of new ones late. */
const UNKNOWN_TOPIC_MS = 1500;
/** How long partition counts are believed, in ms. */
const COUNT_AGE_MS = 60_000;
/** How long the look-up's view of the cluster is believed, in ms: partitions may be added. */
const METADATA_AGE_MS = 1000;
const READ_BYTES = 4 * 1024 * 1024;
const CLOSE_MS = 2000;

const buffer = z.instanceof(Uint8Array).nullable();
const rawRecord = z.object({
  offset: z.string(),
  timestamp: z.string(),
  key: buffer,
  value: buffer,
  headers: z.record(z.string(), z.union([buffer, z.array(buffer)])).optional(),
  isControlRecord: z.boolean().optional(),
});
const fetched = z.object({
  responses: z.array(z.object({
    partitions: z.array(z.object({
      messages: z.array(z.union([z.instanceof(FetchedRecord), rawRecord])),
    })),
  })),
});

/** Looks into topics without joining a group. */
export class KafkaCluster implements AsyncDisposable {
  readonly #options: ClusterOptions;
  readonly #closing = new AbortController();
  readonly #counts = new Map<string, { count: Promise<number>; untilMs: number }>();
  #cluster: Promise<Cluster> | null = null;

  constructor(options: ClusterOptions) {
    this.#options = options;
  }

  /** See {@linkcode EventLog.offsets}. */
  offsets(topic: string): Promise<Map<number, OffsetRange>> {
    return this.#ask(topic, (cluster) => topicOffsets(cluster, topic));
  }

  /** How many partitions a topic has, as of the last minute. */
  partitionCount(topic: string): Promise<number> {
    const known = this.#counts.get(topic);
    if (known !== undefined && performance.now() < known.untilMs) return known.count;
    const count = this.offsets(topic).then((ranges) => ranges.size);
    this.#counts.set(topic, { count, untilMs: performance.now() + COUNT_AGE_MS });
    count.catch(() => this.#counts.delete(topic));
    return count;
  }

  /** Asks for the number of partitions anew the next time. */
  forget(topic: string): void {
    this.#counts.delete(topic);
  }

  /** See {@linkcode EventLog.read}. */
  async read(
    topic: string,
    { partition, from, limit }: { partition: number; from: number; limit: number },
  ): Promise<LogRecord[]> {
    const range = (await this.offsets(topic)).get(partition);
    if (range === undefined) return [];
    const records: LogRecord[] = [];
    let next = Math.max(from, range.start);
    while (next < range.end && records.length < limit) {
      const place = { partition, from: next };
      const page = await this.#ask(topic, (cluster) => fetchPage(cluster, { topic, ...place }));
      for (const record of page.records) if (records.length < limit) records.push(record);
      // A page of control records alone has no record to show, but an end.
      if (page.next <= next) break;
      next = page.next;
    }
    return records;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#drop(true);
  }

  /** Asks until there is an answer, for as long as patience lasts. */
  async #ask<T>(topic: string, question: (cluster: Cluster) => Promise<T>): Promise<T> {
    const asked = performance.now();
    for (let wait = 50;; wait = Math.min(wait * 2, 1000)) {
      try {
        const cluster = await this.#connected();
        await cluster.addTargetTopic(topic);
        return await question(cluster);
      } catch (error) {
        // A fresh view of the cluster: the old one would ask for a deleted topic for ever.
        await this.#drop(false);
        const waited = performance.now() - asked;
        if (isBrokerError(error, "UNKNOWN_TOPIC_OR_PARTITION", "INVALID_TOPIC_EXCEPTION")) {
          if (waited >= UNKNOWN_TOPIC_MS) throw new MissingTopicError(topic);
        } else if (
          isPermanent(error) || waited >= this.#options.patienceMs || this.#closing.signal.aborted
        ) {
          throw this.#options.unreachable(error);
        }
        await sleep(wait, this.#closing.signal);
      }
    }
  }

  #connected(): Promise<Cluster> {
    this.#cluster ??= this.#connect();
    return this.#cluster;
  }

  async #connect(): Promise<Cluster> {
    // kafkajs shows its view of the cluster to partition assigners only. This consumer never runs.
    let found: Cluster | null = null;
    const consumer = this.#options.client().consumer({
      groupId: "looks-only",
      allowAutoTopicCreation: false,
      metadataMaxAge: METADATA_AGE_MS,
      partitionAssigners: [(config) => {
        found = config.cluster;
        return PartitionAssigners.roundRobin(config);
      }],
    });
    consumer.on(consumer.events.REQUEST, ({ payload }) => this.#options.onAnswer(payload.broker));
    const cluster = asCluster(found);
    await cluster.connect();
    return cluster;
  }

  async #drop(inOrder: boolean): Promise<void> {
    const dropped = this.#cluster;
    this.#cluster = null;
    const closed = dropped?.then((cluster) => cluster.disconnect()).catch(() => {});
    if (inOrder && closed !== undefined) await settledWithin(closed, CLOSE_MS);
  }
}

/** TypeScript does not see assignments made in callbacks. */
function asCluster(found: Cluster | null): Cluster {
  if (found === null) throw new TypeError("kafkajs did not show its cluster");
  return found;
}

async function topicOffsets(cluster: Cluster, topic: string): Promise<Map<number, OffsetRange>> {
  await cluster.refreshMetadataIfNecessary();
  const partitions = cluster.findTopicPartitionMetadata(topic)
    .map(({ partitionId }) => ({ partition: partitionId }));
  const [[first], [last]] = await Promise.all([
    cluster.fetchTopicsOffset([{ topic, partitions, fromBeginning: true }]),
    cluster.fetchTopicsOffset([{ topic, partitions, fromBeginning: false }]),
  ]);
  const starts = new Map(first?.partitions.map((p) => [p.partition, Number(p.offset)]));
  return new Map(
    (last?.partitions ?? []).map(({ partition, offset }): [number, OffsetRange] => [
      partition,
      { start: starts.get(partition) ?? 0, end: Number(offset) },
    ]).sort(([a], [b]) => a - b),
  );
}

async function fetchPage(
  cluster: Cluster,
  { topic, partition, from }: { topic: string; partition: number; from: number },
): Promise<{ records: LogRecord[]; next: number }> {
  const leader = Object.keys(cluster.findLeaderForPartitions(topic, [partition]))[0] ?? "";
  const broker = await cluster.findBroker({ nodeId: leader });
  const answer: unknown = await broker.fetch({
    maxWaitTime: 500,
    minBytes: 1,
    maxBytes: READ_BYTES,
    isolationLevel: 1,
    topics: [{
      topic,
      partitions: [{ partition, fetchOffset: String(from), maxBytes: READ_BYTES }],
    }],
  });
  const messages = fetched.parse(answer).responses[0]?.partitions[0]?.messages ?? [];
  const last = messages.at(-1);
  return {
    // Batches are kept whole in the log: the first may begin before the offset that was asked for.
    records: messages.filter((m) => Number(m.offset) >= from && m.isControlRecord !== true)
      .map(toLogRecord),
    next: last === undefined ? from : Number(last.offset) + 1,
  };
}
