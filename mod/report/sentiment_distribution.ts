/**
 * Chart: how many toots are negative, neutral and positive.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type { ReportData, SentimentCounts } from "../stats/report_data.ts";
import { COLUMN_MARGINS, valueAxis } from "./_axes.ts";
import { SENTIMENT_LEGEND, stackLabels } from "./_sentiment.ts";
import { rangeAndSize, sourceLine } from "./_words.ts";
import { drawFrame } from "./frame.ts";
import { formatCount, formatShare, type Theme } from "./theme.ts";

/**
 * Draws one column per label with its count and share.
 *
 * @param data What the batch analysis found.
 * @param theme The fonts.
 * @returns A standalone SVG document.
 *
 * @example Without data it says so
 * ```ts
 * import { emptyReportData } from "../stats/empty_report_data.ts";
 * import { loadTheme } from "./theme.ts";
 * import { drawSentimentDistribution } from "./sentiment_distribution.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const svg = drawSentimentDistribution(emptyReportData(), await loadTheme());
 * assertStringIncludes(svg, "No scored toots in this range yet");
 * ```
 */
export function drawSentimentDistribution(data: ReportData, theme: Theme): string {
  const counts = data.total.sentiment;
  const isEmpty = counts === null || counts.nScored === 0;
  const n = counts?.nScored ?? 0;
  return drawFrame({
    title: "Sentiment of toots",
    subtitle: rangeAndSize(data, { n, noun: "scored toot" }),
    source: sourceLine(data),
    plot: isEmpty ? reason(data) : plotOf(counts),
  }, theme);
}

function reason({ total, minAuthors }: ReportData): string {
  if (total.sentiment !== null) return "No scored toots in this range yet";
  return `Nothing to show: the scored toots have fewer than ${minAuthors} authors`;
}

function plotOf(counts: SentimentCounts): Plot.PlotOptions {
  const parts = stackLabels(counts);
  const max = Math.max(...parts.map((part) => part.n));
  return {
    ...COLUMN_MARGINS,
    height: 340,
    x: { domain: SENTIMENT_LEGEND.map((entry) => entry.label), label: null, padding: 0.35 },
    y: { domain: [0, max], nice: true },
    marks: [
      ...valueAxis({ label: "scored toots", tickFormat: formatCount, integers: true, max }),
      Plot.barY(parts, { x: "label", y: "n", fill: (part) => part.colour }),
      Plot.ruleY([0]),
      Plot.axisX({
        tickSize: 0,
        fontSize: 14,
        label: "sentiment of the toot",
        labelAnchor: "center",
        labelArrow: "none",
        labelOffset: 42,
      }),
      Plot.text(parts, {
        x: "label",
        y: "n",
        text: (part) => `${formatCount(part.n)} (${formatShare(part.n / counts.nScored)})`,
        dy: -10,
        fontSize: 14,
      }),
    ],
  };
}
