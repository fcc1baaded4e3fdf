/** Sentences that several charts share. */
import type { Published, ReportData } from "../stats/report_data.ts";
import { formatRange } from "./dates.ts";
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
  const from = names.length > 0 && names.length <= 2 ? ` of ${names.join(" and ")}` : "";
  return `Source: ${originOf(names)}${from}, analysed by Mastodon Pulse. Days and hours in UTC.`;
}

/** No real server has a name under .example (RFC 2606): there a simulator made up the posts. */
function originOf(names: readonly string[]): string {
  const isMadeUp = names.length > 0 && names.every((name) => /\.example$/.test(name));
  if (!isMadeUp) return "public posts";
  return names.every((name) => name.startsWith("replay-")) ? "recorded posts" : "made-up posts";
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
