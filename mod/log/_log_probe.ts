import type { ConsumeOptions, EventLog, LogRecord } from "./event_log.ts";

/** A topic's or group's name of its own. */
export function topicName(): string {
  return `test-${crypto.randomUUID()}`;
}

/** All records of a topic, partition by partition. */
export async function readAll(log: EventLog, topic: string): Promise<LogRecord[]> {
  const parts: (readonly LogRecord[])[] = [];
  for (const [partition, { start, end }] of await log.offsets(topic)) {
    parts.push(await log.read(topic, { partition, from: start, limit: end - start }));
  }
  return parts.flat();
}

/** The text of records, in order. */
export function texts(records: readonly LogRecord[]): string[] {
  return records.map(({ value }) => new TextDecoder().decode(value));
}

/** What {@linkcode consumeUntil} needs beside a consumer's callbacks. */
type UntilOptions = Omit<ConsumeOptions, "signal" | "group"> & {
  readonly group?: string;
  /** Looked at after each batch and tick. */
  readonly until: () => boolean;
};

/** Consumes until a condition holds, for a minute at most. */
export async function consumeUntil(log: EventLog, options: UntilOptions): Promise<void> {
  const { until, group = topicName(), ...consume } = options;
  const stop = new AbortController();
  const look = () => {
    if (until()) stop.abort();
  };
  const limit = AbortSignal.timeout(60_000);
  await log.consume({
    tickMs: 100,
    ...consume,
    group,
    signal: AbortSignal.any([stop.signal, limit]),
    onBatch: (batch) => options.onBatch(batch).finally(look),
    onTick: async (partitions) => {
      await options.onTick?.(partitions);
      look();
    },
  });
  if (limit.aborted) throw new Error("Consumed for a minute in vain");
}

/** What a consumer saw. */
export interface Drained {
  readonly offsets: Map<number, number[]>;
  readonly batches: { partition: number; records: number; next: number; endOffset: number }[];
  readonly askedFor: (readonly number[])[];
  readonly revoked: (readonly number[])[];
}

/** Consumes from given positions to the end that the topic has at the start. */
export async function drain(
  log: EventLog,
  { topic, from, maxBatchRecords }: {
    topic: string;
    from: ReadonlyMap<number, number>;
    maxBatchRecords: number;
  },
): Promise<Drained> {
  const ends = await log.offsets(topic);
  const next = new Map([...ends].map(([partition]) => [partition, from.get(partition) ?? 0]));
  const drained: Drained = { offsets: new Map(), batches: [], askedFor: [], revoked: [] };
  await consumeUntil(log, {
    topic,
    maxBatchRecords,
    positions: (partitions) => {
      drained.askedFor.push(partitions);
      return Promise.resolve(from);
    },
    onBatch: ({ partition, records, endOffset }) => {
      const seen = drained.offsets.get(partition) ?? [];
      drained.offsets.set(partition, seen);
      seen.push(...records.map(({ offset }) => offset));
      next.set(partition, (seen.at(-1) ?? -1) + 1);
      const batch = { partition, records: records.length, next: next.get(partition) ?? 0 };
      drained.batches.push({ ...batch, endOffset });
      return Promise.resolve();
    },
    onRevoked: (partitions) => void drained.revoked.push(partitions),
    until: () => [...ends].every(([partition, { end }]) => (next.get(partition) ?? 0) >= end),
  });
  return drained;
}
