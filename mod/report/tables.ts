/**
 * What is exported: a table of cells for each chart and for each result of the batch analysis.
 *
 * @module
 */
import type {
  GroupMeasures,
  GroupRow,
  HashtagRow,
  ReportData,
  SentimentCounts,
} from "../stats/report_data.ts";
import { stackLabels } from "./_sentiment.ts";
import type { CsvCell } from "./csv.ts";
import { RISING_HASHTAGS } from "./rising_hashtags.ts";
import { meanPoints } from "./sentiment_over_time.ts";
import { TOP_HASHTAGS } from "./top_hashtags.ts";

/** A table of one kind of rows. */
export interface Table {
  header: readonly string[];
  records: readonly (readonly CsvCell[])[];
}

const SENTIMENT_HEADER = ["n_scored", "n_pos", "n_neg", "n_neu", "avg_prob_pos"] as const;
const GROUP_HEADER = [
  "n_toots",
  "n_authors",
  "n_bot_toots",
  "n_replies",
  "n_with_media",
  "n_boosts",
  "avg_length",
  ...SENTIMENT_HEADER,
] as const;
const RISING_HEADER = [
  "rank",
  "hashtag",
  "n_toots",
  "n_toots_before",
  "share",
  "share_before",
  "z",
];

/** Every table under the name of its file, without `.csv`. */
export const TABLES: Readonly<Record<string, (data: ReportData) => Table>> = {
  part5_sentiment_distribution: distributionTable,
  part5_sentiment_by_day_stacked: (data) => ({
    header: ["day", "n_scored", "n_neg", "n_neu", "n_pos"],
    records: data.sentimentDays.rows.map((row) => [
      row.day,
      row.nScored,
      row.nNeg,
      row.nNeu,
      row.nPos,
    ]),
  }),
  part5_toots_per_day: (data) => ({
    header: ["day", "n_toots"],
    records: data.days.rows.map((row) => [row.key, row.nToots]),
  }),
  part5_top_hashtags: (data) => ({
    header: ["rank", "hashtag", "n_toots"],
    records: data.hashtags.rows.slice(0, TOP_HASHTAGS)
      .map((row, i) => [i + 1, row.hashtag, row.nToots]),
  }),
  hourly_activity: (data) => ({
    header: ["hour_utc", "n_toots"],
    records: data.hours.rows.map((row) => [Number(row.key), row.nToots]),
  }),
  sentiment_over_time: overTimeTable,
  rising_hashtags: (data) => risingTable(data, RISING_HASHTAGS),
  language_shares: (data) => ({
    header: ["lang", "n_toots", "share"],
    records: data.languages.rows.map((row) => [
      row.key,
      row.nToots,
      row.nToots / data.total.nToots,
    ]),
  }),
  batch_total: (data) => ({
    header: GROUP_HEADER,
    records: data.isTotalHeld ? [] : [groupCells(data.total)],
  }),
  batch_days: (data) => groupTable("day", data.days.rows),
  batch_hours: (data) => groupTable("hour_utc", data.hours.rows),
  batch_languages: (data) => groupTable("lang", data.languages.rows),
  batch_instances: (data) => groupTable("instance", data.instances.rows),
  batch_kinds: (data) => groupTable("kind", data.kinds.rows),
  batch_lengths: (data) => ({
    header: ["length_from", "length_to", "n_toots", "n_authors"],
    records: data.lengths.rows.map((row) => [
      row.lengthFrom,
      row.lengthTo,
      row.nToots,
      row.nAuthors,
    ]),
  }),
  batch_active_authors: activeTable,
  batch_hashtags: (data) => ({
    header: ["rank", "hashtag", "n_toots", "n_authors", ...SENTIMENT_HEADER],
    records: data.hashtags.rows.map(hashtagCells),
  }),
  batch_hashtags_rising: (data) => risingTable(data, Infinity),
  batch_hashtag_pairs: (data) => ({
    header: ["rank", "hashtag_a", "hashtag_b", "n_toots", "n_authors"],
    records: data.pairs.rows.map((row, i) => [
      i + 1,
      row.hashtagA,
      row.hashtagB,
      row.nToots,
      row.nAuthors,
    ]),
  }),
};

function distributionTable({ total: { sentiment } }: ReportData): Table {
  const parts = sentiment === null || sentiment.nScored === 0 ? [] : stackLabels(sentiment);
  return {
    header: ["label", "n_toots", "share"],
    records: parts.map((part) => [part.label, part.n, part.n / (sentiment?.nScored ?? 1)]),
  };
}

function overTimeTable(data: ReportData): Table {
  const { rows } = data.sentimentDays;
  const points = meanPoints(rows);
  return {
    header: ["day", "n_scored", "n_authors", "avg_prob_pos", "se_prob_pos", "low_95", "high_95"],
    records: rows.map((row, i) => [
      row.day,
      row.nScored,
      row.nAuthors,
      row.avgProbPos,
      row.seProbPos,
      points[i]?.low ?? null,
      points[i]?.high ?? null,
    ]),
  };
}

/** Few authors, few rows: their number is what is published, never who they are. */
function activeTable({ activeAuthors: active, minAuthors }: ReportData): Table {
  const isHeld = active.nAuthors < minAuthors;
  return {
    header: ["min_toots", "n_authors", "n_toots", "share_of_authors", "share_of_toots"],
    records: isHeld ? [] : [[
      active.minToots,
      active.nAuthors,
      active.nToots,
      active.shareOfAuthors,
      active.shareOfToots,
    ]],
  };
}

function groupTable(key: string, rows: readonly GroupRow[]): Table {
  return {
    header: [key, ...GROUP_HEADER],
    records: rows.map((row) => [row.key, ...groupCells(row)]),
  };
}

function groupCells(row: GroupMeasures): CsvCell[] {
  return [
    row.nToots,
    row.nAuthors,
    row.nBotToots,
    row.nReplies,
    row.nWithMedia,
    row.nBoosts,
    row.avgLength,
    ...sentimentCells(row.sentiment),
  ];
}

function hashtagCells(row: HashtagRow, i: number): CsvCell[] {
  return [i + 1, row.hashtag, row.nToots, row.nAuthors, ...sentimentCells(row.sentiment)];
}

function sentimentCells(counts: SentimentCounts | null): CsvCell[] {
  if (counts === null) return [null, null, null, null, null];
  return [counts.nScored, counts.nPos, counts.nNeg, counts.nNeu, counts.avgProbPos];
}

function risingTable({ rising: { rows } }: ReportData, limit: number): Table {
  return {
    header: RISING_HEADER,
    records: rows.slice(0, limit).map((row, i) => [
      i + 1,
      row.hashtag,
      row.nToots,
      row.nTootsBefore,
      row.share,
      row.shareBefore,
      // More digits would give away a count that is held back.
      Number(row.z.toFixed(1)),
    ]),
  };
}
