/**
 * Chart: mean sentiment of each day with its confidence band.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type { ReportData, SentimentDayRow } from "../stats/report_data.ts";
import { studentT975 } from "../stats/student_t.ts";
import { brokenNote, COLUMN_MARGINS, COLUMN_WIDTH, dayTicks, valueAxis } from "./_axes.ts";
import { emptySentence, heldNote, rangeAndSize, sourceLine } from "./_words.ts";
import { DAY_MS, type DayAxis, dayAxis, dayStart } from "./dates.ts";
import { drawFrame } from "./frame.ts";
import { COLOUR, type Theme } from "./theme.ts";

/** A day's mean and the ends of its interval, as probabilities. */
export interface MeanPoint {
  day: string;
  mean: number;
  low: number;
  high: number;
  /** Consecutive days share a number; a gap starts a new one, so that no line bridges it. */
  run: number;
}

/**
 * Draws the mean probability that a toot is positive, by day, with a 95 % interval.
 *
 * @param data What the batch analysis found.
 * @param theme The fonts.
 * @returns A standalone SVG document.
 *
 * @example Without data it says so
 * ```ts
 * import { emptyReportData } from "../stats/empty_report_data.ts";
 * import { drawSentimentOverTime } from "./sentiment_over_time.ts";
 * import { loadTheme } from "./theme.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const svg = drawSentimentOverTime(emptyReportData(), await loadTheme());
 * assertStringIncludes(svg, "No toots in this range yet");
 * ```
 */
export function drawSentimentOverTime(data: ReportData, theme: Theme): string {
  const points = meanPoints(data.sentimentDays.rows);
  const held = { groups: data.sentimentDays, noun: "day" };
  const n = data.sentimentDays.rows.reduce((sum, row) => sum + row.nScored, 0);
  const isEmpty = points.length === 0;
  const axis = isEmpty ? null : dayAxis(points.map((point) => point.day), { width: COLUMN_WIDTH });
  return drawFrame({
    title: "Sentiment over time",
    subtitle: rangeAndSize(data, { n, noun: "scored toot" }),
    ...(isEmpty ? {} : {
      legend: [
        { label: "mean of the day", colour: COLOUR.bar },
        { label: "95 % confidence interval (toots of one author count as related)", colour: BAND },
      ],
    }),
    notes: [
      ...(isEmpty ? [] : ["Dashed line: 0.5, as likely positive as negative."]),
      ...brokenNote(axis),
      ...heldNote(data, held),
    ],
    source: sourceLine(data),
    plot: axis === null ? emptySentence(data, held) : plotOf(points, axis),
  }, theme);
}

/**
 * The points of the line. Interval: mean ± t(authors − 1) × robust standard error, cut to 0 … 1.
 *
 * @example A day by one author has no interval to speak of
 * ```ts
 * import { meanPoints } from "./sentiment_over_time.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const counts = { nScored: 2, nPos: 2, nNeg: 0, nNeu: 0, avgProbPos: 0.7 };
 * const [point] = meanPoints([{ ...counts, day: "2022-11-04", nAuthors: 1, seProbPos: null }]);
 * assertEquals([point?.mean, point?.low, point?.high], [0.7, 0, 1]);
 * ```
 */
export function meanPoints(rows: readonly SentimentDayRow[]): MeanPoint[] {
  let run = 0;
  let before = NaN;
  return rows.flatMap((row) => {
    if (row.avgProbPos === null) return [];
    const start = dayStart(row.day);
    if (start - before !== DAY_MS) run += 1;
    before = start;
    const half = row.seProbPos === null ? 1 : studentT975(row.nAuthors - 1) * row.seProbPos;
    return [{
      day: row.day,
      mean: row.avgProbPos,
      low: Math.max(0, row.avgProbPos - half),
      high: Math.min(1, row.avgProbPos + half),
      run,
    }];
  });
}

/** The band's blue on white paper, without transparency so that the legend shows the same. */
const BAND = "#c4e3f6";

function plotOf(means: readonly MeanPoint[], axis: DayAxis): Plot.PlotOptions {
  const points = means.map((mean) => ({
    ...mean,
    at: new Date(axis.startOf(mean.day) + DAY_MS / 2),
  }));
  const low = Math.min(0.45, ...points.map((point) => point.low));
  const high = Math.max(0.55, ...points.map((point) => point.high));
  const domain = [Math.max(0, low - 0.02), Math.min(1, high + 0.02)];
  const isDense = points.length > 45;
  return {
    ...COLUMN_MARGINS,
    height: 340,
    x: { type: "utc", domain: axis.domain },
    y: { domain },
    marks: [
      ...valueAxis({
        label: "mean probability that a toot is positive",
        tickFormat: (value) => value.toFixed(2),
      }),
      Plot.areaY(points, { x: "at", y1: "low", y2: "high", z: "run", fill: BAND }),
      ...(isDense ? [] : [
        Plot.ruleX(points, { x: "at", y1: "low", y2: "high", stroke: COLOUR.band, strokeWidth: 3 }),
      ]),
      Plot.ruleY([0.5], { stroke: COLOUR.muted, strokeDasharray: "4 4" }),
      Plot.line(points, { x: "at", y: "mean", z: "run", stroke: COLOUR.bar, strokeWidth: 2 }),
      Plot.dot(points, { x: "at", y: "mean", fill: COLOUR.bar, r: isDense ? 1.5 : 4 }),
      Plot.ruleY([domain[0] ?? 0]),
      ...dayTicks(axis),
    ],
  };
}
