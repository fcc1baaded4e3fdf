/**
 * Chart: negative, neutral and positive toots of each day, stacked.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type { ReportData } from "../stats/report_data.ts";
import {
  brokenNote,
  COLUMN_MARGINS,
  COLUMN_WIDTH,
  dayColumns,
  dayTicks,
  hasRoomForNumbers,
  valueAxis,
} from "./_axes.ts";
import { SENTIMENT_LEGEND, stackLabels } from "./_sentiment.ts";
import { emptySentence, heldNote, rangeAndSize, sourceLine } from "./_words.ts";
import { DAY_MS, type DayAxis, dayAxis } from "./dates.ts";
import { drawFrame } from "./frame.ts";
import { COLOUR, formatCount, formatShare, type Theme } from "./theme.ts";

/**
 * Draws one stacked column per day with scored toots; up to 14 days carry their shares.
 *
 * @param data What the batch analysis found.
 * @param theme The fonts.
 * @returns A standalone SVG document.
 *
 * @example Without data it says so
 * ```ts
 * import { emptyReportData } from "../stats/empty_report_data.ts";
 * import { loadTheme } from "./theme.ts";
 * import { drawSentimentByDay } from "./sentiment_by_day.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const svg = drawSentimentByDay(emptyReportData(), await loadTheme());
 * assertStringIncludes(svg, "No toots in this range yet");
 * ```
 */
export function drawSentimentByDay(data: ReportData, theme: Theme): string {
  const { rows } = data.sentimentDays;
  const held = { groups: data.sentimentDays, noun: "day" };
  const n = rows.reduce((sum, row) => sum + row.nScored, 0);
  const axis = rows.length === 0
    ? null
    : dayAxis(rows.map((row) => row.day), { width: COLUMN_WIDTH });
  return drawFrame({
    title: "Sentiment of toots by day",
    subtitle: rangeAndSize(data, { n, noun: "scored toot" }),
    ...(axis === null ? {} : { legend: SENTIMENT_LEGEND }),
    notes: [...brokenNote(axis), ...heldNote(data, held)],
    source: sourceLine(data),
    plot: axis === null ? emptySentence(data, held) : plotOf(data, axis),
  }, theme);
}

function plotOf({ sentimentDays: { rows } }: ReportData, axis: DayAxis): Plot.PlotOptions {
  const max = Math.max(...rows.map((row) => row.nScored));
  const columns = dayColumns(rows.map((row) => row.day), axis);
  const parts = rows.flatMap((row, i) =>
    stackLabels(row).map((part) => ({
      ...part,
      ...columns[i],
      day: row.day,
      share: part.n / row.nScored,
    }))
  );
  const marks: Plot.Markish[] = [
    ...valueAxis({ label: "scored toots", tickFormat: formatCount, integers: true, max }),
    Plot.rect(parts, {
      x1: "x1",
      x2: "x2",
      y1: "from",
      y2: "to",
      fill: (part) => part.colour,
    }),
    Plot.ruleY([0]),
    ...dayTicks(axis),
  ];
  if (hasRoomForNumbers(axis)) {
    // Only where the part is tall enough to hold its number.
    marks.push(Plot.text(parts.filter((part) => part.n / max > 0.06), {
      x: (part) => new Date(axis.startOf(part.day) + DAY_MS / 2),
      y: (part) => (part.from + part.to) / 2,
      text: (part) => formatShare(part.share),
      // White on the grey would be too faint to read.
      fill: (part) => part.colour === COLOUR.neutral ? COLOUR.ink : COLOUR.paper,
      fontSize: 11,
    }));
  }
  return {
    ...COLUMN_MARGINS,
    height: 360,
    x: { type: "utc", domain: axis.domain },
    y: { domain: [0, max], nice: true },
    marks,
  };
}
