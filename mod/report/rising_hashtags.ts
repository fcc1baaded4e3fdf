/**
 * Chart: hashtags that are used more than in the period before.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type { ReportData, RisingRow } from "../stats/report_data.ts";
import { layOutNames, NAMED_NOTE, type NamedRows, nameMarks } from "./_bars.ts";
import { emptySentence, heldNote, sourceLine } from "./_words.ts";
import { formatRange, formatTimes } from "./dates.ts";
import { drawFrame } from "./frame.ts";
import { COLOUR, countOf, formatShare, formatShareTick, TEXT_SIZE, type Theme } from "./theme.ts";

/** How many hashtags the chart shows. */
export const RISING_HASHTAGS = 12;

/**
 * Draws, per hashtag, its share of toots before and now, with a line between.
 *
 * @param data What the batch analysis found.
 * @param theme The fonts.
 * @returns A standalone SVG document.
 *
 * @example Without data it says so
 * ```ts
 * import { emptyReportData } from "../stats/empty_report_data.ts";
 * import { drawRisingHashtags } from "./rising_hashtags.ts";
 * import { loadTheme } from "./theme.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const svg = drawRisingHashtags(emptyReportData(), await loadTheme());
 * assertStringIncludes(svg, "No toots in this range yet");
 * ```
 */
export function drawRisingHashtags(data: ReportData, theme: Theme): string {
  const held = { groups: data.rising, noun: "rising hashtag" };
  const rows = data.rising.rows.slice(0, RISING_HASHTAGS);
  const names = layOutNames(rows.map((row) => `#${row.hashtag}`), theme);
  const isEmpty = rows.length === 0;
  return drawFrame({
    title: "Rising hashtags",
    subtitle: periodsOf(data, isEmpty ? 0 : rows.length),
    ...(isEmpty ? {} : {
      legend: [{ label: "before", colour: COLOUR.earlier }, { label: "now", colour: COLOUR.bar }],
    }),
    notes: [
      ...(isEmpty ? [] : ["Ordered by how sure the rise is (z test of two shares)."]),
      ...(rows.some((row) => row.shareBefore === null) ? [heldBefore(data)] : []),
      ...(names.hasNamed ? [NAMED_NOTE] : []),
      ...heldNote(data, held),
    ],
    source: sourceLine(data),
    plot: isEmpty ? emptySentence(data, held) : plotOf(rows, names),
  }, theme);
}

function heldBefore(data: ReportData): string {
  return `No grey dot: it had 1 to ${data.minAuthors - 1} authors before.`;
}

function periodsOf(data: ReportData, n: number): string {
  if (data.periods === null) return "no toots yet";
  const { before, now } = data.periods;
  const isOneDay = formatRange(now) === formatRange(before);
  const [late, early] = isOneDay
    ? [formatTimes(now), formatTimes(before)]
    : [formatRange(now), formatRange(before)];
  return `${late} against ${early} · n = ${countOf(n, "hashtag")}`;
}

function plotOf(shown: readonly RisingRow[], names: NamedRows): Plot.PlotOptions {
  const rows = shown.map((row, i) => ({ ...row, rank: i + 1 }));
  const max = Math.max(...rows.map((row) => row.share));
  return {
    marginLeft: names.marginLeft,
    marginRight: 72,
    marginTop: 8,
    marginBottom: 42,
    height: 50 + rows.length * 28,
    x: { domain: [0, max] },
    y: { type: "band", domain: rows.map((row) => row.rank), axis: null },
    marks: [
      Plot.gridX({ ticks: 5, stroke: COLOUR.grid, strokeOpacity: 1 }),
      Plot.link(rows, {
        x1: (row) => row.shareBefore ?? 0,
        x2: "share",
        y1: "rank",
        y2: "rank",
        stroke: COLOUR.earlier,
        strokeWidth: 2,
      }),
      Plot.dot(rows.filter((row) => row.shareBefore !== null), {
        x: "shareBefore",
        y: "rank",
        fill: COLOUR.earlier,
        r: 5,
      }),
      Plot.dot(rows, { x: "share", y: "rank", fill: COLOUR.bar, r: 5 }),
      Plot.text(rows, {
        x: "share",
        y: "rank",
        text: (row) => formatShare(row.share),
        textAnchor: "start",
        dx: 10,
        fontSize: TEXT_SIZE.label,
      }),
      ...nameMarks(names),
      Plot.axisX({
        ticks: 5,
        tickFormat: formatShareTick,
        label: "share of all toots of the period",
        labelAnchor: "center",
        labelArrow: "none",
        labelOffset: 38,
      }),
      Plot.ruleX([0]),
    ],
  };
}
