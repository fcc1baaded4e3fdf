/**
 * Status content (HTML) → plain text, whatever the HTML holds.
 *
 * @module
 */
import { compile } from "html-to-text";

const skipped = ["script", "style", "template", "noscript", "title", "head", "iframe", "object"];

const convert = compile({
  wordwrap: false,
  preserveNewlines: false,
  // Hostile nesting and floods end here instead of in the stack or the heap.
  limits: { maxDepth: 64, maxChildNodes: 20_000, maxInputLength: 2_000_000, ellipsis: "" },
  selectors: [
    { selector: "*", format: "inline" },
    {
      selector: "p",
      format: "paragraph",
      options: { leadingLineBreaks: 2, trailingLineBreaks: 2 },
    },
    { selector: "br", format: "lineBreak" },
    // Mastodon hides a link's scheme and tail in spans: the author wrote the whole of it, and the
    // text of all spans together is what was written, so the href is left out.
    { selector: "a", format: "inline" },
    { selector: "img", format: "skip" },
    ...["blockquote", "pre", "ul", "ol", "li", "div"].map((selector) => ({
      selector,
      format: "block",
      options: { leadingLineBreaks: 1, trailingLineBreaks: 1 },
    })),
    ...skipped.map((selector) => ({ selector, format: "skip" })),
  ],
});

/**
 * Plain text of a status's HTML: paragraphs are parted by an empty line, `<br>` is a line break,
 * links read as their author wrote them, scripts and styles are dropped. NUL and lone surrogates,
 * which PostgreSQL and UTF-8 cannot hold, become U+FFFD.
 *
 * @example
 * ```ts
 * import { htmlToText } from "./text.ts";
 * const text = htmlToText("<p>Tea &amp; <b>toast</b><br>again</p><script>x()</script>");
 * if (text !== "Tea & toast\nagain") throw new Error(text);
 * ```
 */
export function htmlToText(html: string): string {
  return cleanText(convert(html)).trim();
}

/**
 * Replaces what cannot be stored, NUL and lone surrogates, with U+FFFD.
 *
 * @example
 * ```ts
 * import { cleanText } from "./text.ts";
 * if (cleanText("a\u0000b\ud800") !== "a\ufffdb\ufffd") throw new Error();
 * ```
 */
export function cleanText(text: string): string {
  return text.replaceAll("\u0000", "\ufffd").toWellFormed();
}

/**
 * Length of a text in Unicode code points, as PostgreSQL's `char_length` counts it.
 *
 * @example
 * ```ts
 * import { codePoints } from "./text.ts";
 * if (codePoints("né🐘") !== 3) throw new Error();
 * ```
 */
export function codePoints(text: string): number {
  let pairs = 0;
  for (let i = 0; i < text.length - 1; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit <= 0xdbff) {
      const next = text.charCodeAt(i + 1);
      if (next >= 0xdc00 && next <= 0xdfff) {
        pairs++;
        i++;
      }
    }
  }
  return text.length - pairs;
}

/**
 * Cleans every string of a JSON value, keys too; see {@linkcode cleanText}.
 *
 * @example
 * ```ts
 * import { cleanJson } from "./text.ts";
 * if (JSON.stringify(cleanJson({ "a\u0000": ["\u0000"] })) !== '{"a\ufffd":["\ufffd"]}') throw new Error();
 * ```
 */
export function cleanJson(value: unknown): unknown {
  if (typeof value === "string") return cleanText(value);
  if (Array.isArray(value)) return value.map(cleanJson);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [cleanText(key), cleanJson(inner)]),
  );
}
