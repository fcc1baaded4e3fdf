import { type Kafka, type PartitionAssigner, PartitionAssigners } from "kafkajs";
import { BatchGate } from "./_batch_gate.ts";
import { GroupSession } from "./_group_session.ts";
import { isBrokerError, isLogOutage, isPermanent } from "./_kafka_failure.ts";
import { PATIENT } from "./_kafka_client.ts";
import { sleep } from "../async/waiting.ts";
import { Ticker } from "./_ticker.ts";
import type { ConsumeOptions, OffsetRange } from "./event_log.ts";
import { LogUnreachableError } from "./log_errors.ts";

/** How a group is read. */
export interface ConsumerSettings {
  /** A member that is not heard of for so long loses its partitions, in ms. */
  readonly sessionTimeoutMs: number;
  /** Most bytes of one partition in one fetch. */
  readonly fetchBytes: number;
  /** Batches of different partitions that are processed at the same time. */
  readonly concurrency: number;
}

/** What a consumer works with. */
export interface ConsumerOptions {
  readonly client: () => Kafka;
  readonly settings: ConsumerSettings;
  readonly consume: ConsumeOptions;
  readonly offsets: (topic: string) => Promise<ReadonlyMap<number, OffsetRange>>;
  readonly unreachable: (error: unknown) => LogUnreachableError;
  readonly onAnswer: (broker: string) => void;
  readonly warn: (message: string) => void;
}

const HEARTBEAT_MS = 500;
/** How long a rebalance waits for a member that is busy with a batch, in ms. */
const REBALANCE_MS = 60_000;
/** The broker answers as soon as there is a record; this is its longest silence. */
const FETCH_WAIT_MS = 100;
const MAX_FETCH_BYTES = 32 * 1024 * 1024;
const RESTART_MS = { first: 200, longest: 5000 };

/** See {@linkcode EventLog.consume}: joins the group, and joins again after whatever ends that. */
export async function consumeGroup(options: ConsumerOptions): Promise<void> {
  const { consume, settings, offsets, onAnswer } = options;
  const { topic, group, signal } = consume;
  const partitions = (await offsets(topic)).size;
  const failed = new AbortController();
  const fail = (error: unknown) => failed.abort(error);
  const stopping = AbortSignal.any([signal, failed.signal]);
  const gate = new BatchGate(settings.concurrency);
  let session: GroupSession | null = null;
  const tick = () => tickOnce(consume, { partitions: session?.reading ?? [], stopping, fail });
  await using _ticker = new Ticker(gate, { intervalMs: consume.tickMs ?? 1000, tick });
  let wait = RESTART_MS.first;
  while (!stopping.aborted) {
    const consumer = options.client().consumer({
      groupId: group,
      allowAutoTopicCreation: false,
      sessionTimeout: settings.sessionTimeoutMs,
      rebalanceTimeout: REBALANCE_MS,
      heartbeatInterval: HEARTBEAT_MS,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      maxBytesPerPartition: settings.fetchBytes,
      maxBytes: Math.max(MAX_FETCH_BYTES, settings.fetchBytes),
      metadataMaxAge: 60_000,
      partitionAssigners: [keepLastBroker],
      // Restarts happen here, with positions asked for anew.
      retry: { ...PATIENT, restartOnFailure: () => Promise.resolve(false) },
    });
    consumer.on(consumer.events.REQUEST, ({ payload }) => onAnswer(payload.broker));
    session = new GroupSession({
      ...options,
      consumer,
      gate,
      stopping,
      fail,
      partitions,
      heartbeatMs: HEARTBEAT_MS,
    });
    const error = await session.run();
    if (stopping.aborted) break;
    wait = session.joined ? RESTART_MS.first : Math.min(wait * 2, RESTART_MS.longest);
    await recover(error, options);
    await sleep(wait * (0.5 + Math.random() / 2), stopping);
  }
  if (failed.signal.aborted) throw failed.signal.reason;
}

/**
 * kafkajs forgets a broker that closed the connection, and gives up its membership when it knows none
 * any more; the group then waits for the old member's session to run out. Of a single broker it does
 * better to wait for the return.
 */
const keepLastBroker: PartitionAssigner = (config) => {
  const { cluster } = config;
  const forget = cluster.removeBroker.bind(cluster);
  cluster.removeBroker = (broker) => {
    if (cluster.getNodeIds().length > 1) forget(broker);
  };
  return PartitionAssigners.roundRobin(config);
};

async function tickOnce(
  { onTick }: ConsumeOptions,
  { partitions, stopping, fail }: {
    partitions: readonly number[];
    stopping: AbortSignal;
    fail: (error: unknown) => void;
  },
): Promise<void> {
  if (stopping.aborted) return;
  try {
    await onTick?.(partitions);
  } catch (error) {
    if (!isLogOutage(error)) fail(error);
  }
}

/** Throws if it is of no use to join again. */
async function recover(error: unknown, options: ConsumerOptions): Promise<void> {
  const { consume, offsets, unreachable, warn } = options;
  if (isPermanent(error)) throw unreachable(error);
  try {
    await offsets(consume.topic);
  } catch (cause) {
    if (!(cause instanceof LogUnreachableError)) throw cause;
    return;
  }
  // A cluster that never had a group takes a moment to make room for the first.
  if (isBrokerError(error, "GROUP_LOAD_IN_PROGRESS", "GROUP_COORDINATOR_NOT_AVAILABLE")) return;
  const why = error instanceof Error ? error.message : String(error);
  warn(`Joining group "${consume.group}" again: ${why}`);
}
