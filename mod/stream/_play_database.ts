import type { Database } from "../db/database.ts";
import type { LogRecord, NewRecord } from "../log/event_log.ts";
import { NAMES } from "./_memory_rows.ts";
import type { PlayOptions, Step } from "./_play.ts";
import { testScore } from "./_story.ts";
import { advanceFinality, claimWindows } from "./finality.ts";
import { type ProcessorOptions, StreamProcessor } from "./processor.ts";
import { markIdle } from "./progress_store.ts";

/** What a crash throws. */
export class Crash extends Error {}

/** A database on which a worker dies just before or just after the next COMMIT. */
export function crashing(db: Database, when: "before commit" | "after commit"): Database {
  return {
    engine: db.engine,
    query: (text, params) => db.query(text, params),
    copyIn: (target, payload) => db.copyIn(target, payload),
    script: (text) => db.script(text),
    async transaction<T>(
      ...[work, options]: Parameters<typeof db.transaction<T>>
    ): Promise<T> {
      await db.transaction(async (tx) => {
        await work(tx);
        if (when === "before commit") throw new Crash();
      }, options);
      throw new Crash();
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** What the processors of tests work with. */
export function processorOptions(
  db: Database,
  given: Partial<ProcessorOptions> = {},
): ProcessorOptions {
  return {
    db,
    group: NAMES.group,
    topic: NAMES.topic,
    windowMs: 60_000,
    graceMs: 30_000,
    scorer: { version: NAMES.model, score: testScore },
    appendErrors: () => Promise.resolve(),
    ...given,
  };
}

/** A batch of a log's partition, from an offset on. */
export function batchOf(
  log: readonly (readonly LogRecord[])[],
  { partition, from = 0, size = Infinity }: { partition: number; from?: number; size?: number },
) {
  const all = log[partition] ?? [];
  const records = all.slice(from, from + size);
  return { topic: NAMES.topic, partition, records, endOffset: all.length };
}

/**
 * Works through a log into a database, as `play` does into memory: the same steps, by the real
 * processor. Gives the dead letters.
 */
export async function playDatabase(
  db: Database,
  log: readonly LogRecord[][],
  options: Omit<PlayOptions, "onStep">,
): Promise<NewRecord[]> {
  const { windowMs, graceMs, steps = [] } = options;
  const letters: NewRecord[] = [];
  const { group, topic } = NAMES;
  const partitions = [...log.keys()];
  await claimWindows(db, { group, windowS: windowMs / 1000 });
  // Each worker keeps a database of its own until it crashes; a crash takes effect at one commit.
  let fate: Step["fate"] = "done";
  const switched: Database = {
    ...crashing(db, "after commit"),
    transaction: (work, options) =>
      fate === "done"
        ? db.transaction(work, options)
        : crashing(db, fate === "crash before commit" ? "before commit" : "after commit")
          .transaction(work, options),
  };
  const start = async () => {
    const processor = new StreamProcessor(processorOptions(switched, {
      windowMs,
      graceMs,
      appendErrors: (records) => {
        letters.push(...records);
        return Promise.resolve();
      },
    }));
    await processor.positions(partitions);
    return processor;
  };
  let processor = await start();
  const work = async (partition: number, step: Pick<Step, "size" | "fate">) => {
    const from = processor.nextOffset(partition) ?? 0;
    fate = step.fate;
    try {
      await processor.process(batchOf(log, { partition, from, size: step.size }));
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      processor = await start();
    } finally {
      fate = "done";
    }
  };
  for (const step of steps) {
    const partition = step.partition % log.length;
    await work(partition, step);
    if (step.idle) {
      const rows = await db.query(
        "SELECT next_offset FROM masto.stream_progress WHERE partition = $1",
        [partition],
      );
      const silent = new Map([[partition, Number(rows[0]?.next_offset)]]);
      await markIdle(db, { group, topic, silent });
    }
    if (step.finalize) await advanceFinality(db, { group, topic, graceMs, windowMs });
  }
  for (const partition of partitions) await work(partition, { size: Infinity, fate: "done" });
  return letters;
}
