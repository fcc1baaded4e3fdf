/**
 * Puts one picture around a plot: title, subtitle, legend, plot, notes and source, in one SVG.
 *
 * Plot itself returns an HTML figure as soon as it has a title or a legend, which is neither a file
 * nor something that renders to PNG; so it draws the plain plot and this module the rest.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import { DOMParser } from "linkedom";
import { textWidth } from "./font.ts";
import { FONT_FAMILY } from "./font_files.ts";
import { drawableLabel, wrapText } from "./label.ts";
import { CHART_PADDING, CHART_WIDTH, COLOUR, TEXT_SIZE, type Theme } from "./theme.ts";

/** One entry of a legend. */
export interface LegendEntry {
  label: string;
  colour: string;
}

/** What stands around a plot. */
export interface Frame {
  title: string;
  subtitle: string;
  legend?: readonly LegendEntry[];
  /** Remarks under the plot: what is held back, what could not be drawn. */
  notes?: readonly string[];
  source: string;
  /** The plot, or a sentence that says why there is none. */
  plot: Plot.PlotOptions | string;
}

/**
 * Draws a plot in its frame.
 *
 * @returns A standalone SVG document, `CHART_WIDTH` wide and as tall as it needs to be.
 *
 * @example A chart without data says so
 * ```ts
 * import { drawFrame } from "./frame.ts";
 * import { loadTheme } from "./theme.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const frame = { title: "Toots", subtitle: "none", source: "nowhere", plot: "No toots yet" };
 * assertStringIncludes(drawFrame(frame, await loadTheme()), "No toots yet");
 * ```
 */
export function drawFrame(frame: Frame, theme: Theme): string {
  const parts: string[] = [];
  let y = CHART_PADDING;
  function write(text: string, style: TextStyle): void {
    const font = style.bold === true ? theme.bold : theme.regular;
    const width = CHART_WIDTH - 2 * CHART_PADDING;
    const drawable = drawableLabel(text, font).text;
    for (const line of wrapText(drawable, { font, size: style.size, width })) {
      y += style.size;
      parts.push(textElement(line, { ...style, x: CHART_PADDING, y }));
      y += Math.round(style.size * 0.4);
    }
  }
  write(frame.title, { size: TEXT_SIZE.title, fill: COLOUR.ink, bold: true });
  write(frame.subtitle, { size: TEXT_SIZE.subtitle, fill: COLOUR.muted });
  if (frame.legend !== undefined) {
    y += 10;
    parts.push(drawLegend(frame.legend, { theme, y }));
    y += 14;
  }
  y += 8;
  const plot = typeof frame.plot === "string" ? emptyPlot(frame.plot, theme) : drawPlot(frame.plot);
  parts.push(`<g transform="translate(0,${y})" data-part="plot">${plot.markup}</g>`);
  y += plot.height + 4;
  for (const note of frame.notes ?? []) write(note, { size: TEXT_SIZE.source, fill: COLOUR.muted });
  write(frame.source, { size: TEXT_SIZE.source, fill: COLOUR.muted });
  y += CHART_PADDING - 8;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${CHART_WIDTH}" height="${y}"`,
    ` viewBox="0 0 ${CHART_WIDTH} ${y}" font-family="${FONT_FAMILY}, sans-serif"`,
    ` font-size="${TEXT_SIZE.axis}" role="img" aria-label="${escapeXml(frame.title)}">`,
    `<title>${escapeXml(frame.title)}</title><desc>${escapeXml(frame.subtitle)}</desc>`,
    `<rect width="100%" height="100%" fill="${COLOUR.paper}"/>`,
    ...parts,
    "</svg>\n",
  ].join("");
}

/** Escapes text for XML and leaves out the characters that XML 1.0 forbids. */
export function escapeXml(text: string): string {
  const names: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.toWellFormed()
    // deno-lint-ignore no-control-regex -- these are what XML 1.0, production 2, leaves out
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
    .replace(/[&<>"]/g, (char) => names[char] ?? char);
}

/** What this module uses of the element that Plot returns; the DOM's own types are a browser's. */
interface PlottedSvg {
  innerHTML: string;
  getAttribute(name: string): string | null;
  querySelectorAll(selector: string): Iterable<{ remove(): void }>;
}

interface TextStyle {
  size: number;
  fill: string;
  bold?: boolean;
}

function textElement(text: string, style: TextStyle & { x: number; y: number }): string {
  const weight = style.bold === true ? ' font-weight="bold"' : "";
  return `<text x="${style.x}" y="${style.y}" font-size="${style.size}" fill="${style.fill}"` +
    `${weight}>${escapeXml(text)}</text>`;
}

function drawLegend(
  entries: readonly LegendEntry[],
  options: { theme: Theme; y: number },
): string {
  const size = TEXT_SIZE.label;
  let x = CHART_PADDING;
  let markup = "";
  for (const entry of entries) {
    markup += `<rect x="${x}" y="${options.y}" width="12" height="12" fill="${entry.colour}"/>`;
    markup += textElement(entry.label, { size, fill: COLOUR.ink, x: x + 18, y: options.y + 10 });
    x += 18 + Math.ceil(textWidth(entry.label, { font: options.theme.regular, size })) + 24;
  }
  return `<g data-part="legend">${markup}</g>`;
}

function emptyPlot(sentence: string, theme: Theme): { markup: string; height: number } {
  const height = 160;
  const size = 16;
  const width = CHART_WIDTH - 2 * CHART_PADDING;
  const lines = wrapText(sentence, { font: theme.regular, size, width: width - 40 });
  const first = height / 2 - (lines.length - 1) * 11;
  const markup = lines.map((line, i) =>
    `<text x="${CHART_WIDTH / 2}" y="${first + i * 22}" font-size="${size}" ` +
    `text-anchor="middle" dominant-baseline="middle" fill="${COLOUR.muted}">` +
    `${escapeXml(line)}</text>`
  );
  const box = `<rect x="${CHART_PADDING}" y="0" width="${width}" height="${height - 8}" ` +
    `fill="#f6f6f6"/>`;
  return { markup: box + markup.join(""), height };
}

function drawPlot(options: Plot.PlotOptions): { markup: string; height: number } {
  const document = new DOMParser().parseFromString("<!doctype html><html></html>", "text/html");
  const figure: PlottedSvg = Plot.plot({ ...options, width: CHART_WIDTH, document });
  for (const style of figure.querySelectorAll("style")) style.remove();
  const height = Number(figure.getAttribute("height"));
  // Plot leaves the colour of axes to the page and sets the anchor on the element dropped here.
  const markup = figure.innerHTML.replaceAll("currentColor", COLOUR.ink);
  return { markup: `<g fill="${COLOUR.ink}" text-anchor="middle">${markup}</g>`, height };
}
