/**
 * Chart: how many toots there were on each day.
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
import { emptySentence, heldNote, rangeAndSize, sourceLine } from "./_words.ts";
import { DAY_MS, type DayAxis, dayAxis } from "./dates.ts";
import { drawFrame } from "./frame.ts";
import { COLOUR, formatCount, TEXT_SIZE, type Theme } from "./theme.ts";

/**
 * Draws one column per day. Days without a column had no toots, or too few authors, which a note
 * says.
 *
 * @param data What the batch analysis found.
 * @param theme The fonts.
 * @returns A standalone SVG document.
 *
 * @example Without data it says so
 * ```ts
 * import { emptyReportData } from "../stats/empty_report_data.ts";
 * import { loadTheme } from "./theme.ts";
 * import { drawTootsPerDay } from "./toots_per_day.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const svg = drawTootsPerDay(emptyReportData(), await loadTheme());
 * assertStringIncludes(svg, "No toots in this range yet");
 * ```
 */
export function drawTootsPerDay(data: ReportData, theme: Theme): string {
  const { rows } = data.days;
  const held = { groups: data.days, noun: "day" };
  const n = rows.reduce((sum, row) => sum + row.nToots, 0);
  const axis = rows.length === 0
    ? null
    : dayAxis(rows.map((row) => row.key), { width: COLUMN_WIDTH });
  return drawFrame({
    title: "Toots per day",
    subtitle: rangeAndSize(data, { n, noun: "toot" }),
    notes: [...brokenNote(axis), ...heldNote(data, held)],
    source: sourceLine(data),
    plot: axis === null ? emptySentence(data, held) : plotOf(data, axis),
  }, theme);
}

function plotOf({ days: { rows } }: ReportData, axis: DayAxis): Plot.PlotOptions {
  const max = Math.max(...rows.map((row) => row.nToots));
  const columns = dayColumns(rows.map((row) => row.key), axis);
  const marks: Plot.Markish[] = [
    ...valueAxis({ label: "toots", tickFormat: formatCount, integers: true, max }),
    Plot.rectY(rows, {
      x1: columns.map((column) => column.x1),
      x2: columns.map((column) => column.x2),
      y: "nToots",
      fill: COLOUR.bar,
    }),
    Plot.ruleY([0]),
    ...dayTicks(axis),
  ];
  if (hasRoomForNumbers(axis)) {
    marks.push(Plot.text(rows, {
      x: (row) => new Date(axis.startOf(row.key) + DAY_MS / 2),
      y: "nToots",
      text: (row) => formatCount(row.nToots),
      dy: -8,
      fontSize: TEXT_SIZE.label,
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
