/**
 * Reads what a TrueType font can draw and how wide it draws it: the `cmap` and `hmtx` tables. The
 * charts need both to keep text inside the picture and to name what the font lacks.
 *
 * Formats: OpenType specification 1.9, chapters cmap (subtables 4 and 12), head, hhea and hmtx.
 *
 * @module
 */

/** What a font can draw. */
export interface FontMetrics {
  /** Whether the font has a glyph for this code point. */
  has(codePoint: number): boolean;
  /** Advance width in em of one code point (that of a missing glyph where it has none). */
  advance(codePoint: number): number;
}

/**
 * Reads coverage and advance widths from the bytes of a TrueType font.
 *
 * @param bytes A whole .ttf file.
 * @returns Its metrics, widths in em.
 * @throws {RangeError} If the bytes are no TrueType font with a Unicode character map.
 *
 * @example Whether a font has a letter
 * ```ts
 * import { parseFont } from "./font.ts";
 * import { readFontFiles } from "./font_files.ts";
 * import { assert, assertFalse } from "@std/assert";
 *
 * const font = parseFont((await readFontFiles()).regular);
 * assert(font.has("é".codePointAt(0) ?? 0));
 * assertFalse(font.has("東".codePointAt(0) ?? 0));
 * ```
 */
export function parseFont(bytes: Uint8Array): FontMetrics {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tables = readDirectory(view);
  const unitsPerEm = view.getUint16(tables.need("head") + 18);
  const nMetrics = view.getUint16(tables.need("hhea") + 34);
  const hmtx = tables.need("hmtx");
  const glyphs = readCharacterMap(view, tables.need("cmap"));
  function advance(codePoint: number): number {
    const glyph = Math.min(glyphs.get(codePoint) ?? 0, nMetrics - 1);
    return view.getUint16(hmtx + glyph * 4) / unitsPerEm;
  }
  return { has: (codePoint) => glyphs.has(codePoint), advance };
}

/**
 * Width of a line of text at a font size, in the unit of the size. Shaping and kerning are left
 * out, so a joined script comes out a little wider than it is drawn.
 *
 * @example Twice the size, twice the width
 * ```ts
 * import { parseFont, textWidth } from "./font.ts";
 * import { readFontFiles } from "./font_files.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const font = parseFont((await readFontFiles()).regular);
 * const small = textWidth("toots per day", { font, size: 10 });
 * assertAlmostEquals(textWidth("toots per day", { font, size: 20 }), 2 * small);
 * ```
 */
export function textWidth(text: string, options: { font: FontMetrics; size: number }): number {
  let em = 0;
  for (const char of text) em += options.font.advance(char.codePointAt(0) ?? 0);
  return em * options.size;
}

interface Directory {
  need(tag: string): number;
}

function readDirectory(view: DataView): Directory {
  if (view.byteLength < 12 || view.getUint32(0) !== 0x00010000) {
    throw new RangeError("Cannot read font: it is not a TrueType file");
  }
  const offsets = new Map<string, number>();
  for (let i = 0; i < view.getUint16(4); i++) {
    const at = 12 + i * 16;
    const tag = String.fromCharCode(...[0, 1, 2, 3].map((k) => view.getUint8(at + k)));
    offsets.set(tag, view.getUint32(at + 8));
  }
  return {
    need(tag) {
      const offset = offsets.get(tag);
      if (offset === undefined) {
        throw new RangeError(`Cannot read font: table "${tag}" is missing`);
      }
      return offset;
    },
  };
}

/** Code point → glyph, from the fullest Unicode subtable (format 12 before format 4). */
function readCharacterMap(view: DataView, cmap: number): Map<number, number> {
  const found = new Map<number, number>();
  for (let i = 0; i < view.getUint16(cmap + 2); i++) {
    const subtable = cmap + view.getUint32(cmap + 4 + i * 8 + 4);
    found.set(view.getUint16(subtable), subtable);
  }
  const full = found.get(12);
  if (full !== undefined) return readSegmentedCoverage(view, full);
  const basic = found.get(4);
  if (basic !== undefined) return readSegmentMapping(view, basic);
  throw new RangeError("Cannot read font: it has no Unicode character map of format 4 or 12");
}

function readSegmentedCoverage(view: DataView, at: number): Map<number, number> {
  const glyphs = new Map<number, number>();
  for (let i = 0; i < view.getUint32(at + 12); i++) {
    const group = at + 16 + i * 12;
    const start = view.getUint32(group);
    const end = view.getUint32(group + 4);
    const glyph = view.getUint32(group + 8);
    for (let code = start; code <= end; code++) glyphs.set(code, glyph + code - start);
  }
  return glyphs;
}

function readSegmentMapping(view: DataView, at: number): Map<number, number> {
  const glyphs = new Map<number, number>();
  const doubled = view.getUint16(at + 6);
  for (let i = 0; i < doubled; i += 2) {
    const end = view.getUint16(at + 14 + i);
    const start = view.getUint16(at + 16 + doubled + i);
    const delta = view.getUint16(at + 16 + 2 * doubled + i);
    const rangeAt = at + 16 + 3 * doubled + i;
    const range = view.getUint16(rangeAt);
    for (let code = start; code <= end && code < 0xffff; code++) {
      const raw = range === 0 ? code : view.getUint16(rangeAt + range + 2 * (code - start));
      const glyph = raw === 0 && range !== 0 ? 0 : (raw + delta) & 0xffff;
      if (glyph !== 0) glyphs.set(code, glyph);
    }
  }
  return glyphs;
}
