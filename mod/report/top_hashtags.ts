/**
 * Chart: the hashtags in most toots.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type { ReportData } from "../stats/report_data.ts";
import { layOutNames, NAMED_NOTE, nameMarks } from "./_bars.ts";
import { emptySentence, heldNote, rangeAndSize, sourceLine } from "./_words.ts";
import { drawFrame } from "./frame.ts";
import { COLOUR, formatCount, TEXT_SIZE, type Theme } from "./theme.ts";

/** How many hashtags the chart shows. */
export const TOP_HASHTAGS = 20;

/**
 * Draws a bar per hashtag, most used first.
 *
 * @param data What the batch analysis found.
 * @param theme The fonts.
 * @returns A standalone SVG document.
 *
 * @example Without data it says so
 * ```ts
 * import { emptyReportData } from "../stats/empty_report_data.ts";
 * import { loadTheme } from "./theme.ts";
 * import { drawTopHashtags } from "./top_hashtags.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const svg = drawTopHashtags(emptyReportData(), await loadTheme());
 * assertStringIncludes(svg, "No toots in this range yet");
 * ```
 */
export function drawTopHashtags(data: ReportData, theme: Theme): string {
  const held = { groups: data.hashtags, noun: "hashtag" };
  const rows = data.hashtags.rows.slice(0, TOP_HASHTAGS).map((row, i) => ({ ...row, rank: i + 1 }));
  const names = layOutNames(rows.map((row) => `#${row.hashtag}`), theme);
  const max = Math.max(1, ...rows.map((row) => row.nToots));
  const plot: Plot.PlotOptions = {
    marginLeft: names.marginLeft,
    marginRight: 72,
    marginTop: 8,
    marginBottom: 42,
    height: 50 + rows.length * 24,
    x: { domain: [0, max] },
    y: { type: "band", domain: rows.map((row) => row.rank), padding: 0.2, axis: null },
    marks: [
      Plot.barX(rows, { x: "nToots", y: "rank", fill: COLOUR.bar }),
      Plot.text(rows, {
        x: "nToots",
        y: "rank",
        text: (row) => formatCount(row.nToots),
        textAnchor: "start",
        dx: 5,
        fontSize: TEXT_SIZE.label,
      }),
      ...nameMarks(names),
      Plot.axisX({
        ticks: Math.min(6, max),
        tickFormat: formatCount,
        label: "toots with the hashtag",
        labelAnchor: "center",
        labelArrow: "none",
        labelOffset: 38,
      }),
      Plot.ruleX([0]),
    ],
  };
  return drawFrame({
    title: "Most used hashtags",
    subtitle: rangeAndSize(data, {
      n: data.isTotalHeld ? 0 : data.total.nToots,
      noun: "toot",
    }),
    notes: [...(names.hasNamed ? [NAMED_NOTE] : []), ...heldNote(data, held)],
    source: sourceLine(data),
    plot: rows.length === 0 ? emptySentence(data, held) : plot,
  }, theme);
}
