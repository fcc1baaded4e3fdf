/** Rows of the `report_*` queries: checked, and turned into the names of the report. */
import { z } from "zod";
import type {
  GroupRow,
  HashtagRow,
  LengthRow,
  PairRow,
  RisingRow,
  SentimentCounts,
  SentimentDayRow,
} from "./report_data.ts";

/** The one row of `report_run`. */
export const runRow = z.object({
  computed_at: z.date(),
  range_from: z.date().nullable(),
  range_to: z.date().nullable(),
  before_from: z.date().nullable(),
  now_from: z.date().nullable(),
  activity_min_toots: z.number(),
  n_active_authors: z.number(),
  n_active_toots: z.number(),
});

/** The one row of `report_held`. */
export const heldRow = z.object({ hashtags: z.number(), rising: z.number(), pairs: z.number() });

const sentimentFields = {
  n_scored: z.number(),
  n_pos: z.number(),
  n_neg: z.number(),
  n_neu: z.number(),
  avg_prob_pos: z.number().nullable(),
};
const sentiment = z.object({ ...sentimentFields, n_scored_authors: z.number() });

const group = sentiment.extend({
  dimension: z.string(),
  key: z.string(),
  n_toots: z.number(),
  n_authors: z.number(),
  n_bot_toots: z.number(),
  n_replies: z.number(),
  n_with_media: z.number(),
  n_boosts: z.number(),
  avg_length: z.number(),
});
const length = z.object({
  length_from: z.number(),
  length_to: z.number(),
  n_toots: z.number(),
  n_authors: z.number(),
});
const sentimentDay = z.object({
  ...sentimentFields,
  day: z.string(),
  n_authors: z.number(),
  se_prob_pos: z.number().nullable(),
});
const hashtag = sentiment.extend({
  hashtag: z.string(),
  n_toots: z.number(),
  n_authors: z.number(),
});
const rising = z.object({
  hashtag: z.string(),
  n_toots: z.number(),
  n_authors: z.number(),
  n_toots_before: z.number(),
  n_authors_before: z.number(),
  share: z.number(),
  share_before: z.number(),
  z: z.number(),
});
const pair = z.object({
  hashtag_a: z.string(),
  hashtag_b: z.string(),
  n_toots: z.number(),
  n_authors: z.number(),
});

/** A group and the dimension that it belongs to. */
export interface DimensionRow extends GroupRow {
  dimension: string;
}

/** A row of `report_groups`; its sentiment is held back where too few authors have any. */
export function toGroup(row: unknown, minAuthors: number): DimensionRow {
  const r = group.parse(row);
  return {
    dimension: r.dimension,
    key: r.key,
    nToots: r.n_toots,
    nAuthors: r.n_authors,
    nBotToots: r.n_bot_toots,
    nReplies: r.n_replies,
    nWithMedia: r.n_with_media,
    nBoosts: r.n_boosts,
    avgLength: r.avg_length,
    sentiment: toSentiment(r, minAuthors),
  };
}

/** A row of `report_lengths`. */
export function toLength(row: unknown): LengthRow {
  const r = length.parse(row);
  return {
    lengthFrom: r.length_from,
    lengthTo: r.length_to,
    nToots: r.n_toots,
    nAuthors: r.n_authors,
  };
}

/** A row of `report_sentiment_days`. */
export function toSentimentDay(row: unknown): SentimentDayRow {
  const r = sentimentDay.parse(row);
  return {
    day: r.day,
    ...countsOf({ ...r, n_scored_authors: r.n_authors }),
    seProbPos: r.se_prob_pos,
  };
}

/** A row of `report_hashtags`. */
export function toHashtag(row: unknown, minAuthors: number): HashtagRow {
  const r = hashtag.parse(row);
  return {
    hashtag: r.hashtag,
    nToots: r.n_toots,
    nAuthors: r.n_authors,
    sentiment: toSentiment(r, minAuthors),
  };
}

/** A row of `report_hashtags_rising`. */
export function toRising(row: unknown, minAuthors: number): RisingRow {
  const r = rising.parse(row);
  const isHeld = r.n_authors_before > 0 && r.n_authors_before < minAuthors;
  return {
    hashtag: r.hashtag,
    nToots: r.n_toots,
    nAuthors: r.n_authors,
    nTootsBefore: isHeld ? null : r.n_toots_before,
    share: r.share,
    shareBefore: isHeld ? null : r.share_before,
    z: r.z,
  };
}

/** A row of `report_hashtag_pairs`. */
export function toPair(row: unknown): PairRow {
  const r = pair.parse(row);
  return {
    hashtagA: r.hashtag_a,
    hashtagB: r.hashtag_b,
    nToots: r.n_toots,
    nAuthors: r.n_authors,
  };
}

function toSentiment(
  row: z.infer<typeof sentiment>,
  minAuthors: number,
): SentimentCounts | null {
  const isHeld = row.n_scored_authors > 0 && row.n_scored_authors < minAuthors;
  return isHeld ? null : countsOf(row);
}

function countsOf(row: z.infer<typeof sentiment>): SentimentCounts {
  return {
    nAuthors: row.n_scored_authors,
    nScored: row.n_scored,
    nPos: row.n_pos,
    nNeg: row.n_neg,
    nNeu: row.n_neu,
    avgProbPos: row.avg_prob_pos,
  };
}
