/**
 * The results as text for a terminal.
 *
 * @module
 */
import type { GroupRow, Published, ReportData } from "./report_data.ts";

/** How many rows of each list the summary shows. */
const ROWS = 5;

/**
 * Renders the results as a short plain text, one finding per line.
 *
 * @returns Lines joined by newlines, without one at the end.
 *
 * @example Before the first toot
 * ```ts
 * import { emptyReportData } from "./empty_report_data.ts";
 * import { renderSummary } from "./summary.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(renderSummary(emptyReportData()), "No toots in this range yet");
 * ```
 */
export function renderSummary(data: ReportData): string {
  const { total, range, activeAuthors: active } = data;
  if (range === null || total.nToots === 0) return "No toots in this range yet";
  const lines = [
    line("Range", `${minute(range.from)} to ${minute(range.to)} UTC`),
    line("Toots", `${count(total.nToots)} by ${count(total.nAuthors)} authors`),
    line(
      "Of these",
      `${count(total.nReplies)} replies, ${count(total.nWithMedia)} with media, ` +
        `${count(total.nBotToots)} by bots; boosted ${count(total.nBoosts)} times`,
    ),
    line("Length", `${total.avgLength.toFixed(0)} characters on average`),
    line(
      "Active",
      `${count(active.nAuthors)} authors (${percent(active.shareOfAuthors)}) with ` +
        `${count(active.minToots)} or more toots wrote ${percent(active.shareOfToots)} of them`,
    ),
    line("Sentiment", sentimentText(data)),
    line("Days", daysText(data.days)),
    line("Languages", topText(data.languages, total.nToots)),
    line("Hashtags", namesText(data.hashtags.rows)),
    line("Rising", namesText(data.rising.rows)),
  ];
  const held = heldText(data);
  if (held !== "") lines.push(line("Held back", held));
  return lines.join("\n");
}

function line(name: string, text: string): string {
  return `${name.padEnd(10)}  ${text}`;
}

function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function minute(date: Date): string {
  return date.toISOString().slice(0, 16).replace("T", " ");
}

function sentimentText({ total: { sentiment } }: ReportData): string {
  if (sentiment === null) return "too few authors to say";
  const { nScored, nPos, nNeu, nNeg, avgProbPos } = sentiment;
  if (nScored === 0 || avgProbPos === null) return "no toot is scored yet";
  return `${percent(nPos / nScored)} positive, ${percent(nNeu / nScored)} neutral, ` +
    `${percent(nNeg / nScored)} negative of ${count(nScored)} scored; ` +
    `mean probability ${avgProbPos.toFixed(3)}`;
}

function daysText(days: Published<GroupRow>): string {
  const busiest = days.rows.reduce<GroupRow | null>(
    (best, row) => best === null || row.nToots > best.nToots ? row : best,
    null,
  );
  if (busiest === null) return "none to show";
  return `${count(days.rows.length)}, the busiest ${busiest.key} with ${
    count(busiest.nToots)
  } toots`;
}

function topText(groups: Published<GroupRow>, nToots: number): string {
  const names = groups.rows.slice(0, ROWS).map((row) =>
    `${row.key} ${percent(row.nToots / nToots)}`
  );
  return names.length === 0 ? "none to show" : names.join(", ");
}

function namesText(rows: readonly { hashtag: string; nToots: number }[]): string {
  const names = rows.slice(0, ROWS)
    .map((row) => `#${printable(row.hashtag)} (${count(row.nToots)})`);
  return names.length === 0 ? "none to show" : names.join(", ");
}

/** Without what would steer the terminal or turn the line around. */
function printable(text: string): string {
  return text.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "");
}

function heldText(data: ReportData): string {
  const parts: [string, Published<unknown>][] = [
    ["day", data.days],
    ["hour", data.hours],
    ["language", data.languages],
    ["instance", data.instances],
    ["hashtag", data.hashtags],
  ];
  const held = parts.filter(([, { nHeld }]) => nHeld > 0)
    .map(([noun, { nHeld }]) => `${count(nHeld)} ${noun}${nHeld === 1 ? "" : "s"}`);
  if (held.length === 0) return "";
  return `${held.join(", ")} with fewer than ${data.minAuthors} authors`;
}
