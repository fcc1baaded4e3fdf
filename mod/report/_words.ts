/** Sentences that several charts share. */
import type { Published, ReportData } from "../stats/report_data.ts";
import { dayStart, formatRange } from "./dates.ts";
import { countOf, formatCount } from "./theme.ts";

/** `4 – 9 Nov 2022 · n = 1,234 toots by 567 authors`. */
export function rangeAndSize(
  data: ReportData,
  counts: { n: number; noun: string; nAuthors?: number },
): string {
  const range = data.range === null ? "no toots yet" : formatRange(data.range);
  const authors = counts.nAuthors === undefined ? "" : ` by ${countOf(counts.nAuthors, "author")}`;
  return `${range} · n = ${countOf(counts.n, counts.noun)}${authors}`;
}

/** Where the figures come from. */
export function sourceLine(data: ReportData): string {
  const names = data.instances.rows.map((row) => row.key);
  const from = names.length > 0 && names.length <= 3 ? ` from ${names.join(", ")}` : "";
  return `Source: public Mastodon posts${from}, collected and analysed by Mastodon Pulse. ` +
    `Days and hours are UTC.`;
}

/** A note on groups that were held back, or nothing where there are none. */
export function heldNote(
  data: ReportData,
  held: { groups: Published<unknown>; noun: string },
): string[] {
  const { nHeld } = held.groups;
  if (nHeld === 0) return [];
  const verb = nHeld === 1 ? "is" : "are";
  return [
    `${countOf(nHeld, held.noun)} with fewer than ${data.minAuthors} authors ${verb} not shown.`,
  ];
}

/** Why a chart has nothing to draw. */
export function emptySentence(
  data: ReportData,
  held: { groups: Published<unknown>; noun: string },
): string {
  if (data.total.nToots === 0) return "No toots in this range yet";
  const { nHeld } = held.groups;
  if (nHeld === 0) return `No ${held.noun}s to show in this range`;
  return `Nothing to show: ${countOf(nHeld, held.noun)} with fewer than ` +
    `${formatCount(data.minAuthors)} authors`;
}

/** Start of a `YYYY-MM-DD` day as a Date for Plot, later by some milliseconds. */
export function dayDate(day: string, plus = 0): Date {
  return new Date(dayStart(day) + plus);
}
