/**
 * Reads the results of the newest batch run, as far as they may be shown.
 *
 * @module
 */
import { z } from "zod";
import type { Sql } from "../db/database.ts";
import {
  type DimensionRow,
  heldRow,
  runRow,
  toGroup,
  toHashtag,
  toLength,
  toPair,
  toRising,
  toSentimentDay,
} from "./_report_rows.ts";
import { emptyMeasures, emptyReportData } from "./empty_report_data.ts";
import { loadQuery } from "./queries.ts";
import type {
  ActiveAuthors,
  GroupMeasures,
  GroupRow,
  Published,
  ReportData,
} from "./report_data.ts";

/** Settings of {@link readReportData}. */
export interface ReadOptions {
  /**
   * Groups with fewer authors are held back and only counted, so that nobody's habits can be read
   * off a table.
   *
   * @default 5
   */
  minAuthors?: number;
  /** At most this many hashtags, rising hashtags and pairs each. @default 200 */
  limit?: number;
}

/**
 * Reads what charts, exports and the summary show.
 *
 * @returns An empty report where the batch never ran.
 * @throws {RangeError} If `minAuthors` or `limit` is no whole number from 1.
 *
 * @example Before the first run
 * ```ts
 * import { openEmbedded } from "../db/embedded.ts";
 * import { migrate, readMigrations } from "../db/migrations.ts";
 * import { readReportData } from "./read_report_data.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await using db = await openEmbedded(null);
 * await migrate(db, await readMigrations());
 * assertEquals((await readReportData(db)).computedAt, null);
 * ```
 */
export async function readReportData(db: Sql, options: ReadOptions = {}): Promise<ReportData> {
  const { minAuthors = 5, limit = 200 } = options;
  requireWhole("minAuthors", minAuthors);
  requireWhole("limit", limit);
  const [run] = z.array(runRow).max(1).parse(await db.query(await loadQuery("report_run")));
  if (run === undefined) return { ...emptyReportData(), minAuthors };
  const groups = (await db.query(await loadQuery("report_groups")))
    .map((row) => toGroup(row, minAuthors));
  const [held] = z.tuple([heldRow]).parse(
    await db.query(await loadQuery("report_held"), [minAuthors]),
  );
  const total = totalOf(groups);
  const ranked = async (name: string) => await db.query(await loadQuery(name), [minAuthors, limit]);
  const all = async (name: string) => await db.query(await loadQuery(name));
  return {
    ...rangesOf(run),
    computedAt: run.computed_at,
    minAuthors,
    total,
    isTotalHeld: total.nAuthors < minAuthors,
    activeAuthors: activeOf(run, total),
    days: byKey(groups, { dimension: "day", minAuthors }),
    hours: byKey(groups, { dimension: "hour", minAuthors }),
    languages: publish(ofDimension(groups, "language"), minAuthors),
    instances: publish(ofDimension(groups, "instance"), minAuthors),
    kinds: publish(ofDimension(groups, "kind"), minAuthors),
    lengths: publish((await all("report_lengths")).map(toLength), minAuthors),
    sentimentDays: publish((await all("report_sentiment_days")).map(toSentimentDay), minAuthors),
    hashtags: {
      rows: (await ranked("report_hashtags")).map((row) => toHashtag(row, minAuthors)),
      nHeld: held.hashtags,
    },
    rising: {
      rows: (await ranked("report_hashtags_rising")).map((row) => toRising(row, minAuthors)),
      nHeld: held.rising,
    },
    pairs: { rows: (await ranked("report_hashtag_pairs")).map(toPair), nHeld: held.pairs },
  };
}

function requireWhole(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new RangeError(`Cannot read report: ${name} "${value}" is no whole number from 1`);
}

function rangesOf(run: z.infer<typeof runRow>): Pick<ReportData, "range" | "periods"> {
  const { range_from, range_to, before_from, now_from } = run;
  if (range_from === null || range_to === null || before_from === null || now_from === null) {
    return { range: null, periods: null };
  }
  return {
    range: { from: range_from, to: range_to },
    periods: {
      before: { from: before_from, to: now_from },
      now: { from: now_from, to: range_to },
    },
  };
}

function activeOf(run: z.infer<typeof runRow>, total: GroupMeasures): ActiveAuthors {
  return {
    minToots: run.activity_min_toots,
    nAuthors: run.n_active_authors,
    nToots: run.n_active_toots,
    shareOfAuthors: total.nAuthors === 0 ? 0 : run.n_active_authors / total.nAuthors,
    shareOfToots: total.nToots === 0 ? 0 : run.n_active_toots / total.nToots,
  };
}

function totalOf(groups: readonly DimensionRow[]): GroupMeasures {
  const [total] = ofDimension(groups, "total");
  if (total === undefined) return emptyMeasures();
  const { key: _, ...measures } = total;
  return measures;
}

function ofDimension(groups: readonly DimensionRow[], dimension: string): GroupRow[] {
  return groups.filter((row) => row.dimension === dimension)
    .map(({ dimension: _, ...row }) => row);
}

function byKey(
  groups: readonly DimensionRow[],
  options: { dimension: string; minAuthors: number },
): Published<GroupRow> {
  const rows = ofDimension(groups, options.dimension);
  rows.sort((a, b) => a.key < b.key ? -1 : 1);
  return publish(rows, options.minAuthors);
}

function publish<T extends { nAuthors: number }>(rows: T[], minAuthors: number): Published<T> {
  const shown = rows.filter((row) => row.nAuthors >= minAuthors);
  return { rows: shown, nHeld: rows.length - shown.length };
}
