/**
 * A report on nothing, and the measures of nothing.
 *
 * @module
 */
import type { GroupMeasures, Published, ReportData } from "./report_data.ts";

/** Measures of a group without toots. */
export function emptyMeasures(): GroupMeasures {
  return {
    nToots: 0,
    nAuthors: 0,
    nBotToots: 0,
    nReplies: 0,
    nWithMedia: 0,
    nBoosts: 0,
    avgLength: 0,
    sentiment: { nAuthors: 0, nScored: 0, nPos: 0, nNeg: 0, nNeu: 0, avgProbPos: null },
  };
}

/**
 * What a report holds before the first toot.
 *
 * @example Nothing in it
 * ```ts
 * import { emptyReportData } from "./empty_report_data.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(emptyReportData().total.nToots, 0);
 * ```
 */
export function emptyReportData(): ReportData {
  return {
    range: null,
    periods: null,
    computedAt: null,
    minAuthors: 5,
    total: emptyMeasures(),
    isTotalHeld: true,
    activeAuthors: { minToots: 5, nAuthors: 0, nToots: 0, shareOfAuthors: 0, shareOfToots: 0 },
    days: none(),
    hours: none(),
    languages: none(),
    instances: none(),
    kinds: none(),
    lengths: none(),
    sentimentDays: none(),
    hashtags: none(),
    rising: none(),
    pairs: none(),
  };
}

function none<T>(): Published<T> {
  return { rows: [], nHeld: 0 };
}
