/**
 * Text that a chart can draw: every code point either has a glyph or is named.
 *
 * @module
 */
import { type FontMetrics, textWidth } from "./font.ts";

/** Text for a chart, and whether something in it had to be named instead of drawn. */
export interface Label {
  /** What to draw. */
  text: string;
  /** Whether it differs from the original by more than its length. */
  isNamed: boolean;
}

/** How many code points a label names before it only counts the rest. */
const NAMED_AT_MOST = 3;

/**
 * Turns any text into one that the font can draw. Invisible characters (controls, joiners,
 * variation selectors, direction marks) are left out; each run that the font lacks becomes the code
 * points in brackets: `#東京` reads `#[U+6771 U+4EAC]`, and a longer run `#[U+6771 U+4EAC U+90FD
 * +4 more]`. Nothing is transliterated, as that would guess at the language.
 *
 * @param text Any text, lone surrogates and control characters included.
 * @param font What can be drawn.
 *
 * @example A hashtag of Chinese characters
 * ```ts
 * import { parseFont } from "./font.ts";
 * import { readFontFiles } from "./font_files.ts";
 * import { drawableLabel } from "./label.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const font = parseFont((await readFontFiles()).regular);
 * assertEquals(drawableLabel("#東京", font), { text: "#[U+6771 U+4EAC]", isNamed: true });
 * assertEquals(drawableLabel("#café", font), { text: "#café", isNamed: false });
 * ```
 */
export function drawableLabel(text: string, font: FontMetrics): Label {
  let drawn = "";
  let run: number[] = [];
  let isNamed = false;
  function closeRun(): void {
    if (run.length === 0) return;
    isNamed = true;
    drawn += `[${nameRun(run)}]`;
    run = [];
  }
  for (const char of text.toWellFormed().normalize("NFC")) {
    if (/[\p{Cc}\p{Cf}\p{Variation_Selector}\p{Zl}\p{Zp}]/u.test(char)) continue;
    const code = char.codePointAt(0) ?? 0;
    if (font.has(code)) {
      closeRun();
      drawn += char;
    } else {
      run.push(code);
    }
  }
  closeRun();
  return { text: drawn, isNamed };
}

/**
 * Cuts a text so that it fits a width, with an ellipsis where something was cut.
 *
 * @param text Drawable text.
 * @param options The width in the unit of the font size.
 *
 * @example A narrow column
 * ```ts
 * import { parseFont, textWidth } from "./font.ts";
 * import { readFontFiles } from "./font_files.ts";
 * import { fitLabel } from "./label.ts";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const font = parseFont((await readFontFiles()).regular);
 * const text = fitLabel("#averyveryverylonghashtag", { font, size: 12, width: 80 });
 * assert(text.endsWith("…") && textWidth(text, { font, size: 12 }) <= 80);
 * assertEquals(fitLabel("#short", { font, size: 12, width: 80 }), "#short");
 * ```
 */
export function fitLabel(
  text: string,
  options: { font: FontMetrics; size: number; width: number },
): string {
  if (textWidth(text, options) <= options.width) return text;
  const room = options.width - textWidth("…", options);
  let kept = "";
  let used = 0;
  for (const { segment } of new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text)) {
    used += textWidth(segment, options);
    if (used > room) break;
    kept += segment;
  }
  return `${kept}…`;
}

/**
 * Breaks a sentence into lines that fit a width, at spaces.
 *
 * @param text Drawable text.
 * @param options The width in the unit of the font size.
 *
 * @example Two lines
 * ```ts
 * import { parseFont } from "./font.ts";
 * import { readFontFiles } from "./font_files.ts";
 * import { wrapText } from "./label.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const font = parseFont((await readFontFiles()).regular);
 * assertEquals(wrapText("one two", { font, size: 10, width: 30 }), ["one", "two"]);
 * ```
 */
export function wrapText(
  text: string,
  options: { font: FontMetrics; size: number; width: number },
): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && textWidth(longer, options) > options.width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  lines.push(line);
  return lines.map((each) => fitLabel(each, options));
}

function nameRun(codes: readonly number[]): string {
  const names = codes.slice(0, NAMED_AT_MOST).map((code) =>
    `U+${code.toString(16).toUpperCase().padStart(4, "0")}`
  );
  const rest = codes.length - names.length;
  return rest > 0 ? `${names.join(" ")} +${rest} more` : names.join(" ");
}
