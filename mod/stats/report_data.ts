/**
 * What the batch analysis found, as charts, exports and summaries take it. All times are UTC; a day
 * is written `YYYY-MM-DD`.
 *
 * @module
 */

/** Sentiment of the toots of a group that have a prediction. */
export interface SentimentCounts {
  /** Authors of the scored toots. */
  nAuthors: number;
  /** Toots with a prediction. */
  nScored: number;
  nPos: number;
  nNeg: number;
  nNeu: number;
  /** Mean probability that a toot is positive, 0 to 1; null where nothing was scored. */
  avgProbPos: number | null;
}

/** What is known of every group of toots. */
export interface GroupMeasures {
  nToots: number;
  nAuthors: number;
  /** Toots by accounts that say they are bots. */
  nBotToots: number;
  nReplies: number;
  /** Toots with at least one attachment. */
  nWithMedia: number;
  /** Boosts that the toots had when last seen. */
  nBoosts: number;
  /** Mean length in Unicode code points. */
  avgLength: number;
  /** Null where the scored toots have too few authors to be shown. */
  sentiment: SentimentCounts | null;
}

/** A group under its name: a day, an hour (`00` to `23`), a language code, an instance. */
export interface GroupRow extends GroupMeasures {
  key: string;
}

/** Mean sentiment of a day with its standard error. */
export interface SentimentDayRow extends SentimentCounts {
  day: string;
  /** Standard error of `avgProbPos`, robust to several toots by one author; null for one author. */
  seProbPos: number | null;
}

/** Toots whose length is in [lengthFrom, lengthTo), in Unicode code points. */
export interface LengthRow {
  lengthFrom: number;
  lengthTo: number;
  nToots: number;
  nAuthors: number;
}

/** A hashtag without its `#`. */
export interface HashtagRow {
  hashtag: string;
  nToots: number;
  nAuthors: number;
  /** Null where the scored toots have too few authors to be shown. */
  sentiment: SentimentCounts | null;
}

/** A hashtag that is used more than it was. Shares are of all toots of the period, 0 to 1. */
export interface RisingRow {
  hashtag: string;
  nToots: number;
  nAuthors: number;
  /** Null where one to too few authors used it. */
  nTootsBefore: number | null;
  share: number;
  /** Null as `nTootsBefore` is. */
  shareBefore: number | null;
  /** z statistic of the difference between the shares. */
  z: number;
}

/** Two hashtags in the same toots. */
export interface PairRow {
  hashtagA: string;
  hashtagB: string;
  nToots: number;
  nAuthors: number;
}

/** Authors with at least `minToots` toots, as one group. */
export interface ActiveAuthors {
  minToots: number;
  nAuthors: number;
  nToots: number;
  /** Their share of all authors and of all toots, 0 to 1. */
  shareOfAuthors: number;
  shareOfToots: number;
}

/** Half-open range of time. */
export interface TimeRange {
  from: Date;
  to: Date;
}

/** Rows that may be shown, and how many groups were held back for having too few authors. */
export interface Published<T> {
  rows: T[];
  nHeld: number;
}

/** Everything that charts, exports and the summary show. */
export interface ReportData {
  /** Range of the analysed toots, or null where there are none. */
  range: TimeRange | null;
  /** The two periods that the rising hashtags compare, or null where there are no toots. */
  periods: { before: TimeRange; now: TimeRange } | null;
  /** When the analysis ran, or null where it never did. */
  computedAt: Date | null;
  /** Groups with fewer authors than this are held back. */
  minAuthors: number;
  total: GroupMeasures;
  /** Whether `total` itself has too few authors to be shown in a chart. */
  isTotalHeld: boolean;
  activeAuthors: ActiveAuthors;
  days: Published<GroupRow>;
  hours: Published<GroupRow>;
  languages: Published<GroupRow>;
  instances: Published<GroupRow>;
  /** `bot` and `person`. */
  kinds: Published<GroupRow>;
  lengths: Published<LengthRow>;
  sentimentDays: Published<SentimentDayRow>;
  hashtags: Published<HashtagRow>;
  rising: Published<RisingRow>;
  pairs: Published<PairRow>;
}
