/**
 * All charts, as files.
 *
 * @module
 */
import { join } from "node:path";
import type { ReportData } from "../stats/report_data.ts";
import { replaceFile } from "./atomic_file.ts";
import { drawHourlyActivity } from "./hourly_activity.ts";
import { drawLanguageShares } from "./language_shares.ts";
import { renderPng } from "./render.ts";
import { drawRisingHashtags } from "./rising_hashtags.ts";
import { drawSentimentByDay } from "./sentiment_by_day.ts";
import { drawSentimentDistribution } from "./sentiment_distribution.ts";
import { drawSentimentOverTime } from "./sentiment_over_time.ts";
import { loadTheme, type Theme } from "./theme.ts";
import { drawTootsPerDay } from "./toots_per_day.ts";
import { drawTopHashtags } from "./top_hashtags.ts";

/** Every chart under the name of its files. */
export const CHARTS: Readonly<Record<string, (data: ReportData, theme: Theme) => string>> = {
  part5_sentiment_distribution: drawSentimentDistribution,
  part5_sentiment_by_day_stacked: drawSentimentByDay,
  part5_toots_per_day: drawTootsPerDay,
  part5_top_hashtags: drawTopHashtags,
  hourly_activity: drawHourlyActivity,
  sentiment_over_time: drawSentimentOverTime,
  rising_hashtags: drawRisingHashtags,
  language_shares: drawLanguageShares,
};

/** Settings of {@link drawCharts}. */
export interface DrawOptions {
  /** Folder for the files; made if it is missing. */
  outDir: string;
  /** Which charts to draw: keys of {@link CHARTS}. @default every one */
  names?: readonly string[];
  /** Called with each path as soon as its file is there. */
  onFile?: (path: string) => void;
}

/**
 * Draws the charts, each as .svg and as .png of twice its size.
 *
 * @returns The paths written, in the order of {@link CHARTS}.
 * @throws {RangeError} If a name is not one of the charts.
 *
 * @example Two files for one chart
 * ```ts
 * import { drawCharts } from "./draw_charts.ts";
 * import { emptyReportData } from "../stats/empty_report_data.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const outDir = await Deno.makeTempDir();
 * const paths = await drawCharts(emptyReportData(), { outDir, names: ["part5_toots_per_day"] });
 * assertEquals(paths.map((path) => path.slice(outDir.length + 1)), [
 *   "part5_toots_per_day.svg",
 *   "part5_toots_per_day.png",
 * ]);
 * ```
 */
export async function drawCharts(data: ReportData, options: DrawOptions): Promise<string[]> {
  const theme = await loadTheme();
  const paths: string[] = [];
  async function save(name: string, bytes: Uint8Array): Promise<void> {
    const path = join(options.outDir, name);
    await replaceFile(path, [bytes]);
    paths.push(path);
    options.onFile?.(path);
  }
  for (const name of options.names ?? Object.keys(CHARTS)) {
    const draw = Object.hasOwn(CHARTS, name) ? CHARTS[name] : undefined;
    if (draw === undefined) {
      const known = Object.keys(CHARTS).join(", ");
      throw new RangeError(`Cannot draw chart "${name}": choose from ${known}`);
    }
    const svg = draw(data, theme);
    await save(`${name}.svg`, new TextEncoder().encode(svg));
    await save(`${name}.png`, await renderPng(svg));
  }
  return paths;
}
