/**
 * Which times an analysis covers, and which two periods its rising hashtags compare.
 *
 * @module
 */
import type { TimeRange } from "./report_data.ts";

const DAY_MS = 86_400_000;

/** A range and its comparison. */
export interface Periods {
  range: TimeRange;
  before: TimeRange;
  now: TimeRange;
}

/**
 * Lays out the periods. With a start asked for, the range is compared with as much time before it.
 * Without one there is nothing before: the later half of the toots is compared with the earlier,
 * split at the midnight (UTC) nearest to the toot in the middle if it parts them.
 *
 * @param seen First, middle (median) and last toot of what was asked for.
 * @param asked The start and end that the user gave, if any; the end is exclusive.
 *
 * @example A week that was asked for
 * ```ts
 * import { periodsOf } from "./periods.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const at = (text: string) => new Date(`2022-11-${text}Z`);
 * const { before } = periodsOf(
 *   { first: at("14T01:00"), middle: at("17T12:00"), last: at("20T22:00") },
 *   { from: at("14T00:00"), to: at("21T00:00") },
 * );
 * assertEquals(before, { from: at("07T00:00"), to: at("14T00:00") });
 * ```
 */
export function periodsOf(
  seen: { first: Date; middle: Date; last: Date },
  asked: { from?: Date | undefined; to?: Date | undefined } = {},
): Periods {
  const from = (asked.from ?? seen.first).getTime();
  // The end is exclusive, and toots are dated to the millisecond.
  const to = asked.to?.getTime() ?? seen.last.getTime() + 1;
  const range = rangeOf(from, to);
  if (asked.from !== undefined) {
    return { range, before: rangeOf(from - (to - from), from), now: range };
  }
  const middle = splitOf(seen.middle.getTime(), { from, to });
  return { range, before: rangeOf(from, middle), now: rangeOf(middle, to) };
}

function splitOf(middle: number, { from, to }: { from: number; to: number }): number {
  const midnight = Math.round(middle / DAY_MS) * DAY_MS;
  return midnight > from && midnight < to ? midnight : middle;
}

function rangeOf(from: number, to: number): TimeRange {
  return { from: new Date(from), to: new Date(to) };
}
