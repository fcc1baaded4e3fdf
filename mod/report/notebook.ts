/**
 * What notebooks show: charts and tables as values that Jupyter displays.
 *
 * @module
 */
import { escapeXml } from "./frame.ts";
import { renderPng } from "./render.ts";

/** A value that Deno's Jupyter kernel shows by asking it for a bundle of media types. */
export interface Displayable {
  [DISPLAY](): Record<string, string>;
}

/** The method that Deno's kernel looks for on the result of a cell. */
export const DISPLAY: unique symbol = Symbol.for("Jupyter.display");

/**
 * Shows a chart as the PNG that `deno task charts` writes, which every viewer of notebooks draws
 * alike.
 *
 * @param svg What a chart function returned.
 *
 * @example The last line of a cell
 * ```ts
 * import { emptyReportData } from "../stats/empty_report_data.ts";
 * import { DISPLAY, showChart } from "./notebook.ts";
 * import { loadTheme } from "./theme.ts";
 * import { drawTootsPerDay } from "./toots_per_day.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const shown = await showChart(drawTootsPerDay(emptyReportData(), await loadTheme()));
 * assertEquals(Object.keys(shown[DISPLAY]()), ["image/png", "text/plain"]);
 * ```
 */
export async function showChart(svg: string): Promise<Displayable> {
  const png = (await renderPng(svg)).toBase64();
  const title = /<title>([^<]*)<\/title>/.exec(svg)?.[1] ?? "Chart";
  return { [DISPLAY]: () => ({ "image/png": png, "text/plain": title }) };
}

/** Settings of {@link showTable}. */
export interface TableOptions {
  /** At most this many rows; how many are left out is said. @default 12 */
  limit?: number;
}

/**
 * Shows rows as a table; the keys of the first row are its columns.
 *
 * @example Text from strangers stays text
 * ```ts
 * import { DISPLAY, showTable } from "./notebook.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const shown = showTable([{ tag: "<b>", n: 1234.5678 }]);
 * assertStringIncludes(shown[DISPLAY]()["text/html"] ?? "", ">&lt;b&gt;</td>");
 * assertStringIncludes(shown[DISPLAY]()["text/html"] ?? "", "1,234.568");
 * ```
 */
export function showTable(
  rows: readonly Readonly<Record<string, unknown>>[],
  options: TableOptions = {},
): Displayable {
  const { limit = 12 } = options;
  const columns = Object.keys(rows[0] ?? {});
  const shown = rows.slice(0, limit);
  const head = columns.map((name) => `<th>${escapeXml(name)}</th>`).join("");
  const body = shown.map((row) =>
    `<tr>${columns.map((name) => cellHtml(row[name])).join("")}</tr>`
  );
  const rest = rows.length - shown.length;
  const more = rest > 0 ? `<p>and ${rest.toLocaleString("en")} more rows</p>` : "";
  const html = `<table><thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody></table>`;
  const plain = [columns, ...shown.map((row) => columns.map((name) => textOf(row[name])))]
    .map((cells) => cells.join("\t")).join("\n");
  return { [DISPLAY]: () => ({ "text/html": html + more, "text/plain": plain }) };
}

function cellHtml(value: unknown): string {
  const align = typeof value === "number" ? "right" : "left";
  return `<td style="text-align:${align}">${escapeXml(textOf(value))}</td>`;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return value.toLocaleString("en", { maximumFractionDigits: 3 });
  if (value instanceof Date) return value.toISOString().slice(0, 19).replace("T", " ");
  if (Array.isArray(value)) return value.map(textOf).join(" ");
  return String(value);
}
