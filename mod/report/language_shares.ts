/**
 * Chart: the languages of the toots.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type { ReportData } from "../stats/report_data.ts";
import { layOutNames, nameMarks } from "./_bars.ts";
import { emptySentence, heldNote, rangeAndSize, sourceLine } from "./_words.ts";
import { drawFrame } from "./frame.ts";
import {
  COLOUR,
  formatCount,
  formatShare,
  formatShareTick,
  TEXT_SIZE,
  type Theme,
} from "./theme.ts";

const LANGUAGES = 15;
const NAMES = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" });

/**
 * Draws a bar per language with its count and its share of all toots.
 *
 * @param data What the batch analysis found.
 * @param theme The fonts.
 * @returns A standalone SVG document.
 *
 * @example Without data it says so
 * ```ts
 * import { emptyReportData } from "../stats/empty_report_data.ts";
 * import { drawLanguageShares } from "./language_shares.ts";
 * import { loadTheme } from "./theme.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const svg = drawLanguageShares(emptyReportData(), await loadTheme());
 * assertStringIncludes(svg, "No toots in this range yet");
 * ```
 */
export function drawLanguageShares(data: ReportData, theme: Theme): string {
  const held = { groups: data.languages, noun: "language" };
  const all = data.languages.rows;
  const shown = all.slice(0, LANGUAGES).map((row) => ({
    name: languageName(row.key),
    nToots: row.nToots,
  }));
  const rest = all.slice(LANGUAGES);
  if (rest.length > 0) {
    const nToots = rest.reduce((sum, row) => sum + row.nToots, 0);
    shown.push({ name: `${formatCount(rest.length)} more`, nToots });
  }
  return drawFrame({
    title: "Languages of toots",
    subtitle: rangeAndSize(data, {
      n: data.isTotalHeld ? 0 : data.total.nToots,
      noun: "toot",
    }),
    notes: heldNote(data, held),
    source: sourceLine(data),
    plot: all.length === 0 ? emptySentence(data, held) : plotOf(shown, { data, theme }),
  }, theme);
}

/**
 * English name of a language code; the code itself where it has none.
 *
 * @example Known, unknown, undetermined
 * ```ts
 * import { languageName } from "./language_shares.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(["de", "und", "?!"].map(languageName), ["German", "not known", "?!"]);
 * ```
 */
export function languageName(code: string): string {
  if (code === "und") return "not known";
  try {
    return NAMES.of(code) ?? code;
  } catch {
    // Servers pass on whatever a client wrote there.
    return code;
  }
}

interface LanguageBar {
  name: string;
  nToots: number;
}

function plotOf(
  bars: readonly LanguageBar[],
  { data, theme }: { data: ReportData; theme: Theme },
): Plot.PlotOptions {
  const rows = bars.map((bar, i) => ({ ...bar, rank: i + 1 }));
  const names = layOutNames(rows.map((row) => row.name), theme);
  const shareOf = (row: LanguageBar) => row.nToots / data.total.nToots;
  return {
    marginLeft: names.marginLeft,
    marginRight: 140,
    marginTop: 8,
    marginBottom: 42,
    height: 50 + rows.length * 24,
    x: { domain: [0, Math.max(...rows.map(shareOf))] },
    y: { type: "band", domain: rows.map((row) => row.rank), padding: 0.2, axis: null },
    marks: [
      Plot.barX(rows, { x: shareOf, y: "rank", fill: COLOUR.bar }),
      Plot.text(rows, {
        x: shareOf,
        y: "rank",
        text: (row) => `${formatShare(shareOf(row))} (${formatCount(row.nToots)})`,
        textAnchor: "start",
        dx: 5,
        fontSize: TEXT_SIZE.label,
      }),
      ...nameMarks(names),
      Plot.axisX({
        ticks: 5,
        tickFormat: formatShareTick,
        label: "share of toots",
        labelAnchor: "center",
        labelArrow: "none",
        labelOffset: 38,
      }),
      Plot.ruleX([0]),
    ],
  };
}
