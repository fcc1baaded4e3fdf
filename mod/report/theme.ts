/**
 * One look for all charts: sizes, colours and number formats.
 *
 * @module
 */
import { type FontMetrics, parseFont } from "./font.ts";
import { readFontFiles } from "./font_files.ts";

/** Width of every chart in CSS pixels; the PNG has twice as many. */
export const CHART_WIDTH = 800;
/** Empty space at the left and right edge. */
export const CHART_PADDING = 24;

/** Font sizes in CSS pixels. */
export const TEXT_SIZE = { title: 20, subtitle: 13, axis: 12, label: 12, source: 11 } as const;

/**
 * Colours that readers with colour vision deficiency can tell apart, by Okabe and Ito 2008, "Color
 * Universal Design". Sentiment is blue against vermillion, not green against red.
 */
export const COLOUR = {
  positive: "#0072B2",
  neutral: "#999999",
  negative: "#D55E00",
  bar: "#0072B2",
  earlier: "#999999",
  band: "#56B4E9",
  ink: "#1a1a1a",
  muted: "#595959",
  grid: "#e3e3e3",
  paper: "#ffffff",
} as const;

/** The fonts that a chart is laid out with. */
export interface Theme {
  regular: FontMetrics;
  bold: FontMetrics;
}

/**
 * Reads the bundled fonts once, for any number of charts.
 *
 * @example A theme measures text
 * ```ts
 * import { loadTheme } from "./theme.ts";
 * import { assert } from "@std/assert";
 *
 * const theme = await loadTheme();
 * assert(theme.regular.has(65));
 * ```
 */
export async function loadTheme(): Promise<Theme> {
  const files = await readFontFiles();
  return { regular: parseFont(files.regular), bold: parseFont(files.bold) };
}

/** `12,345`. */
export function formatCount(value: number): string {
  return Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A share of 0 to 1 as `34 %`, `3.4 %` under ten, `< 0.1 %` where it would read as nothing. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.05) return "< 0.1 %";
  const text = percent >= 9.95 || percent === 0 ? percent.toFixed(0) : percent.toFixed(1);
  return `${text} %`;
}

/** A share on an axis: as few digits as tell it from its neighbours. */
export function formatShareTick(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}

/** `1 toot`, `2 toots`. */
export function countOf(value: number, noun: string): string {
  return `${formatCount(value)} ${noun}${value === 1 ? "" : "s"}`;
}
