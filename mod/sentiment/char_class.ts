/**
 * Classes of UTF-16 code units for the tokenizer.
 *
 * @module
 */

/** White space and control characters. */
export const SPACE = 0;
/** Letters, marks, digits and `_`. */
export const WORD = 1;
/** Punctuation, and whatever is none of the others. */
export const PUNCT = 2;
/** Symbols that stand alone: emoji of the basic plane, and every surrogate (emoji, mostly). */
export const SYMBOL = 3;
/** Dropped: zero width characters, variation selectors, U+FFFD. */
export const IGNORED = 4;

/**
 * The class of every code unit, by its value. Built once, when the module loads.
 *
 * @example
 * ```ts
 * import { CHAR_CLASS, SPACE, WORD } from "./char_class.ts";
 * if (CHAR_CLASS[32] !== SPACE || CHAR_CLASS[0xe9] !== WORD) throw new Error();
 * ```
 */
export const CHAR_CLASS: Uint8Array = classify();

function classify(): Uint8Array {
  const table = new Uint8Array(65536).fill(PUNCT);
  const paint = (pattern: RegExp, value: number): void => {
    for (const match of all.matchAll(pattern)) {
      const start = match.index;
      table.fill(value, offset + start, offset + start + match[0].length);
    }
  };
  // Surrogates can't be matched one by one with the u flag: the planes below and above them.
  let offset = 0;
  let all = "";
  for (const [from, to] of [[0, 0xd800], [0xe000, 0x10000]] as const) {
    offset = from;
    all = "";
    for (let start = from; start < to; start += 4096) {
      const codes = Array.from({ length: Math.min(4096, to - start) }, (_, i) => start + i);
      all += String.fromCharCode(...codes);
    }
    paint(/\p{So}+/gu, SYMBOL);
    paint(/[\p{L}\p{M}\p{N}_]+/gu, WORD);
    paint(/[\s\p{Cc}]+/gu, SPACE);
    paint(/[\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff\ufffd\u00ad]+/gu, IGNORED);
  }
  table.fill(SYMBOL, 0xd800, 0xe000);
  return table;
}
