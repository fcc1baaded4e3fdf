import fc from "fast-check";
import type { LogRecord } from "../log/event_log.ts";
import { MemoryTables } from "./_memory_tables.ts";
import { testScore } from "./_story.ts";
import { decodeRecords } from "./decode.ts";
import { reduceBatches } from "./reduce.ts";
import { PartitionClock } from "./window.ts";

/** One thing that a worker does, or that befalls it. */
export interface Step {
  /** Chooses the partition, modulo their number. */
  readonly partition: number;
  /** Records in the batch. */
  readonly size: number;
  /** What happens: a crash loses all that is not committed. */
  readonly fate: "done" | "crash before commit" | "crash after commit";
  /** Whether finality is moved on afterwards. */
  readonly finalize: boolean;
  /** Whether the partition is then taken for silent. */
  readonly idle: boolean;
}

/** Any steps: small batches, big ones, crashes. */
export function anySteps({ idle = false } = {}): fc.Arbitrary<Step[]> {
  return fc.array(
    fc.record({
      partition: fc.nat({ max: 11 }),
      size: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(1000)),
      fate: fc.constantFrom("done", "done", "crash before commit", "crash after commit"),
      finalize: fc.boolean(),
      idle: idle ? fc.boolean() : fc.constant(false),
    }),
    { maxLength: 25 },
  );
}

/** How a log is played. */
export interface PlayOptions {
  readonly windowMs: number;
  readonly graceMs: number;
  readonly steps?: readonly Step[];
  /** Hears of the state after each step. */
  readonly onStep?: (tables: MemoryTables) => void;
}

/**
 * Works through a log into memory: first as the steps say, then in one batch per partition what they
 * left. Like a worker it holds positions in memory and reads them again only after a crash.
 */
export function play(log: readonly LogRecord[][], options: PlayOptions): MemoryTables {
  const { windowMs, graceMs, steps = [], onStep } = options;
  const tables = new MemoryTables({ windowMs, graceMs, partitions: log.length });
  let held = new Map(tables.positions);
  const work = (partition: number, { size, fate }: Pick<Step, "size" | "fate">) => {
    const { nextOffset = 0, maxEventMs = null } = held.get(partition) ?? {};
    const records = (log[partition] ?? []).slice(nextOffset, nextOffset + size);
    if (records.length === 0) return;
    const clock = new PartitionClock({ graceMs, maxEventTime: maxEventMs });
    const { events, refused } = decodeRecords(records);
    const changes = reduceBatches([{ partition, events, clock }], {
      prior: tables.prior(events.map(({ event }) => event)),
      windowMs,
      finalUntilMs: tables.finalUntilMs,
      score: ({ text, lang }) => testScore(text, lang),
    });
    if (fate !== "crash before commit") {
      tables.commit({
        partition,
        changes,
        clock,
        nextOffset: nextOffset + records.length,
        records: records.length,
        deadLetters: refused.length,
      });
    }
    if (fate !== "done") held = new Map(tables.positions);
    else {
      const position = tables.positions.get(partition);
      if (position !== undefined) held.set(partition, position);
    }
  };
  for (const step of steps) {
    const partition = step.partition % log.length;
    work(partition, step);
    if (step.idle) tables.markIdle(partition);
    if (step.finalize) tables.advanceFinality();
    onStep?.(tables);
  }
  for (const partition of log.keys()) work(partition, { size: Infinity, fate: "done" });
  onStep?.(tables);
  return tables;
}
