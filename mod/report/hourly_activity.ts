/**
 * Chart: toots by hour of day.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type { ReportData } from "../stats/report_data.ts";
import { COLUMN_MARGINS, valueAxis } from "./_axes.ts";
import { emptySentence, heldNote, rangeAndSize, sourceLine } from "./_words.ts";
import { drawFrame } from "./frame.ts";
import { COLOUR, formatCount, type Theme } from "./theme.ts";

const HOURS = Array.from({ length: 24 }, (_, hour) => `${hour}`.padStart(2, "0"));

/**
 * Draws one column per hour of day, all days of the range together.
 *
 * @param data What the batch analysis found.
 * @param theme The fonts.
 * @returns A standalone SVG document.
 *
 * @example Without data it says so
 * ```ts
 * import { emptyReportData } from "../stats/empty_report_data.ts";
 * import { drawHourlyActivity } from "./hourly_activity.ts";
 * import { loadTheme } from "./theme.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const svg = drawHourlyActivity(emptyReportData(), await loadTheme());
 * assertStringIncludes(svg, "No toots in this range yet");
 * ```
 */
export function drawHourlyActivity(data: ReportData, theme: Theme): string {
  const { rows } = data.hours;
  const held = { groups: data.hours, noun: "hour" };
  const n = rows.reduce((sum, row) => sum + row.nToots, 0);
  const max = Math.max(1, ...rows.map((row) => row.nToots));
  const plot: Plot.PlotOptions = {
    ...COLUMN_MARGINS,
    height: 340,
    x: { type: "band", domain: HOURS, padding: 0.15 },
    y: { domain: [0, max], nice: true },
    marks: [
      ...valueAxis({ label: "toots", tickFormat: formatCount, integers: true, max }),
      Plot.barY(rows, { x: "key", y: "nToots", fill: COLOUR.bar }),
      Plot.ruleY([0]),
      Plot.axisX({
        tickSize: 0,
        label: "hour of day (UTC; 09 is 09:00 to 09:59)",
        labelAnchor: "center",
        labelArrow: "none",
        labelOffset: 42,
      }),
    ],
  };
  return drawFrame({
    title: "Toots by hour of day",
    subtitle: rangeAndSize(data, { n, noun: "toot" }),
    notes: heldNote(data, held),
    source: sourceLine(data),
    plot: rows.length === 0 ? emptySentence(data, held) : plot,
  }, theme);
}
