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
 * The most tags that are parsed. Parsing takes quadratic time over unclosed nested tags: 10,000 of
 * them take 20 ms, and the 330,000 that fit in the largest payload half a minute. Real toots have a
 * few hundred at most.
 */
const MAX_TAGS = 10_000;

/**
 * Plain text of a status's HTML: paragraphs are parted by an empty line, `<br>` is a line break,
 * links read as their author wrote them, scripts and styles are dropped. NUL and lone surrogates,
 * which PostgreSQL and UTF-8 cannot hold, become U+FFFD. Of a flood of tags that no author writes only
 * the text between the tags is kept.
 *
 * @example
 * ```ts
 * import { htmlToText } from "./text.ts";
 * const text = htmlToText("<p>Tea &amp; <b>toast</b><br>again</p><script>x()</script>");
 * if (text !== "Tea & toast\nagain") throw new Error(text);
 * ```
 */
export function htmlToText(html: string): string {
  return cleanText(convert(isFlood(html) ? withoutTags(html) : html)).trim();
}

function isFlood(html: string): boolean {
  let tags = 0;
  for (let at = html.indexOf("<"); at !== -1; at = html.indexOf("<", at + 1)) {
    if (++tags > MAX_TAGS) return true;
  }
  return false;
}

/** In linear time: no match runs over a second `<`. */
function withoutTags(html: string): string {
  return html.replace(/<[^<>]*>/g, " ").replaceAll("<", " ");
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

const LEAD_SURROGATE = /[\ud800-\udbff]/;

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
  // Nearly every text has none, which the engine knows of a text in one-byte units without looking.
  if (!LEAD_SURROGATE.test(text)) return text.length;
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

/** Length of a text in bytes of UTF-8, the measure of PostgreSQL's index entries. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // A surrogate pair has two units and four bytes: two for each half.
    if (unit >= 0x800 && (unit < 0xd800 || unit > 0xdfff)) bytes += 2;
    else if (unit >= 0x80) bytes++;
  }
  return bytes;
}

/** How deep JSON from outside may be nested. A Status has five levels; PostgreSQL's stack is finite. */
const MAX_DEPTH = 64;

/**
 * Whether a JSON value is nested deeper than anything that is stored may be.
 *
 * @example
 * ```ts
 * import { isTooDeep } from "./text.ts";
 * if (isTooDeep({ a: [1] }) || !isTooDeep(JSON.parse("[".repeat(99) + "]".repeat(99)))) throw new Error();
 * ```
 */
export function isTooDeep(value: unknown, allowed: number = MAX_DEPTH): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (allowed === 0) return true;
  return Object.values(value).some((inner) => isTooDeep(inner, allowed - 1));
}

/**
 * Cleans every string of a JSON value, keys too; see {@linkcode cleanText}. The value must have
 * passed {@linkcode isTooDeep}.
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
