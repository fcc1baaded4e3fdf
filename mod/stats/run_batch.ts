/**
 * The batch analysis: reads the toots of a time range and replaces the `masto.batch_*` tables.
 *
 * @module
 */
import { z } from "zod";
import type { Database, Sql } from "../db/database.ts";
import { type Periods, periodsOf } from "./periods.ts";
import { loadQuery } from "./queries.ts";
import type { TimeRange } from "./report_data.ts";

/** Settings of {@link runBatch}. */
export interface BatchOptions {
  /** Start of the range. @default the first toot */
  from?: Date | undefined;
  /** End of the range, exclusive. @default after the last toot */
  to?: Date | undefined;
  /** From how many toots an author counts as active. @default 5 */
  activityMinToots?: number;
  /** The time to store as that of the analysis. @default now */
  now?: Date;
  /** Called with a sentence before each step. */
  log?: (line: string) => void;
  /** Stops the run before its next step and undoes it. */
  signal?: AbortSignal;
}

/** What a run did. */
export interface BatchResult {
  /** The range analysed, or null where it holds no toots. */
  range: TimeRange | null;
  /** Rows that each table has now. */
  rows: Record<string, number>;
}

/**
 * A hashtag counts as rising from here. By chance alone one in 741 hashtags passes (one-sided tail
 * of the normal distribution), so that what is shown of hundreds is rarely chance.
 */
const RISING_MIN_Z = 3;

/** Toots with more hashtags than this are left out of the pairs. */
const PAIRS_MAX_HASHTAGS = 20;

/** Any number that no other program uses as an advisory lock: "batch" in ASCII. */
const LOCK_KEY = 0x6261746368;

/** Steps of a run: what is said, and the query of that name with its parameters. */
const STEPS: readonly { table: string; query: string; params: (options: Step) => number[] }[] = [
  { table: "batch_groups", query: "batch_groups", params: () => [] },
  { table: "batch_lengths", query: "batch_lengths", params: () => [] },
  { table: "batch_active_authors", query: "batch_active_authors", params: (o) => [o.minToots] },
  { table: "batch_sentiment_days", query: "batch_sentiment_days", params: () => [] },
  { table: "batch_hashtags", query: "batch_hashtags", params: () => [] },
  { table: "batch_hashtags_rising", query: "batch_hashtags_rising", params: () => [RISING_MIN_Z] },
  {
    table: "batch_hashtag_pairs",
    query: "batch_hashtag_pairs",
    params: () => [PAIRS_MAX_HASHTAGS],
  },
];

interface Step {
  minToots: number;
}

const bounds = z.tuple([z.object({
  first_at: z.date().nullable(),
  middle_at: z.date().nullable(),
  last_at: z.date().nullable(),
})]);
const count = z.tuple([z.object({ n: z.number() })]);

/**
 * Analyses a range of time and replaces the results of the run before, in one transaction: readers
 * see the old results until all the new ones are there.
 *
 * @throws {RangeError} If the range ends before it starts, or `activityMinToots` is under 1.
 * @throws {DOMException} `AbortError` if the signal stopped it.
 *
 * @example An empty database gives an empty analysis
 * ```ts
 * import { openEmbedded } from "../db/embedded.ts";
 * import { migrate, readMigrations } from "../db/migrations.ts";
 * import { runBatch } from "./run_batch.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await using db = await openEmbedded(null);
 * await migrate(db, await readMigrations());
 * assertEquals((await runBatch(db)).range, null);
 * ```
 */
export async function runBatch(db: Database, options: BatchOptions = {}): Promise<BatchResult> {
  const minToots = options.activityMinToots ?? 5;
  if (!Number.isInteger(minToots) || minToots < 1) {
    throw new RangeError(`Cannot run batch: "${minToots}" toots is no whole number from 1`);
  }
  if (options.from !== undefined && options.to !== undefined && options.to <= options.from) {
    throw new RangeError(
      `Cannot run batch: the range ends at "${options.to.toISOString()}", which is not after its ` +
        `start "${options.from.toISOString()}"`,
    );
  }
  return await db.transaction(async (tx) => {
    await tx.query("SELECT pg_advisory_xact_lock($1::bigint)", [LOCK_KEY]);
    await tx.script(await loadQuery("batch_clear"));
    const periods = await findPeriods(tx, options);
    await tx.query(await loadQuery("batch_run"), [
      options.now ?? new Date(),
      periods?.range.from ?? null,
      periods?.range.to ?? null,
      periods?.before.from ?? null,
      periods?.now.from ?? null,
      minToots,
    ]);
    if (periods === null) return { range: null, rows: {} };
    await loadScratch(tx, { periods, log: options.log });
    const rows: Record<string, number> = {};
    for (const step of STEPS) {
      options.signal?.throwIfAborted();
      options.log?.(`Computing ${step.table}`);
      await tx.query(await loadQuery(step.query), step.params({ minToots }));
      const [{ n }] = count.parse(
        await tx.query(`SELECT count(*)::integer AS n FROM masto.${step.table}`),
      );
      rows[step.table] = n;
    }
    return { range: periods.range, rows };
  }, { unhurried: true });
}

async function findPeriods(tx: Sql, options: BatchOptions): Promise<Periods | null> {
  const [{ first_at, middle_at, last_at }] = bounds.parse(
    await tx.query(await loadQuery("batch_bounds"), [options.from ?? null, options.to ?? null]),
  );
  if (first_at === null || middle_at === null || last_at === null) return null;
  return periodsOf({ first: first_at, middle: middle_at, last: last_at }, options);
}

async function loadScratch(
  tx: Sql,
  { periods, log }: { periods: Periods; log: ((line: string) => void) | undefined },
): Promise<void> {
  const { range, before, now } = periods;
  const start = new Date(Math.min(before.from.getTime(), range.from.getTime()));
  log?.("Loading toots");
  await tx.script(await loadQuery("batch_scratch"));
  await tx.query(await loadQuery("batch_load_toots"), [start, range.from, now.from, range.to]);
  await tx.query(await loadQuery("batch_load_hashtags"));
  await tx.script("ANALYZE batch_authors; ANALYZE batch_toots; ANALYZE batch_used_hashtags");
}
