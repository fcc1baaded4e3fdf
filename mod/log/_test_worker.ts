import type { EventLog } from "./event_log.ts";
import { FencedError } from "./event_log.ts";

/**
 * Stored positions and what was counted with them, fenced as the stream job's tables are: a commit
 * whose position is not the stored one is refused.
 */
export class FencedStore {
  readonly next = new Map<number, number>();
  /** Values of the records that were committed, in the order of their commits. */
  readonly committed: string[] = [];
  fenced = 0;

  /** One transaction. */
  commit(batch: { topic: string; partition: number; from: number; to: number; values: string[] }) {
    const { topic, partition, from, to, values } = batch;
    const found = this.next.get(partition) ?? 0;
    if (found !== from) {
      this.fenced++;
      throw new FencedError(topic, { partition, expected: from, found });
    }
    this.next.set(partition, to);
    this.committed.push(...values);
  }
}

/** A worker of the tests, on a store that several share. */
export interface TestWorker {
  readonly name: string;
  /** Partitions that it was given, newest assignment last. */
  readonly assignments: (readonly number[])[];
  /** Partitions that it holds now. */
  readonly held: Set<number>;
  /** Batches that it has begun. */
  batches: number;
  stop(): Promise<void>;
}

/** Starts consuming into a store. `pause` may hold a batch between its work and its commit. */
export function startWorker(
  log: EventLog,
  { name, topic, group, store, workMs = 0, pause }: {
    name: string;
    topic: string;
    group: string;
    store: FencedStore;
    workMs?: number;
    pause?: (batch: { partition: number; from: number }) => Promise<void>;
  },
): TestWorker {
  const stop = new AbortController();
  const expected = new Map<number, number>();
  const worker = {
    name,
    assignments: new Array<readonly number[]>(),
    held: new Set<number>(),
    batches: 0,
    async stop() {
      stop.abort();
      await running;
    },
  };
  const running = log.consume({
    topic,
    group,
    maxBatchRecords: 50,
    tickMs: 200,
    signal: stop.signal,
    positions: (partitions) => {
      worker.assignments.push([...partitions]);
      const positions = new Map(partitions.map((p) => [p, store.next.get(p) ?? 0]));
      for (const [partition, next] of positions) {
        expected.set(partition, next);
        worker.held.add(partition);
      }
      return Promise.resolve(positions);
    },
    onRevoked: (partitions) => partitions.forEach((p) => worker.held.delete(p)),
    async onBatch({ partition, records }) {
      worker.batches++;
      const from = expected.get(partition) ?? 0;
      const fresh = records.filter(({ offset }) => offset >= from);
      const last = fresh.at(-1);
      if (last === undefined) return;
      if (workMs > 0) await new Promise((resolve) => setTimeout(resolve, workMs));
      await pause?.({ partition, from });
      const values = fresh.map(({ value }) => new TextDecoder().decode(value));
      store.commit({ topic, partition, from, to: last.offset + 1, values });
      expected.set(partition, last.offset + 1);
    },
  });
  return worker;
}
