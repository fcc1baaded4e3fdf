import { assertEquals, assertThrows } from "@std/assert";
import { parseFont, textWidth } from "./font.ts";
import { readFontFiles } from "./font_files.ts";

const files = await readFontFiles();
const font = parseFont(files.regular);

Deno.test("the bundled font has Latin, Greek, Cyrillic, Hebrew and Arabic, but no CJK", () => {
  const has = [..."éΩЖעع東한ไ"].map((char) => font.has(char.codePointAt(0) ?? 0));
  assertEquals(has, [true, true, true, true, true, false, false, false]);
});

Deno.test("widths are those of DejaVu Sans, in 2048 units per em", () => {
  // From the font's own hmtx table: A 1401, i 569, space 651, comma 651.
  const units = [..."Ai ,"].map((char) => font.advance(char.codePointAt(0) ?? 0) * 2048);
  assertEquals(units, [1401, 569, 651, 651]);
  assertEquals(textWidth("Ai", { font, size: 2048 }), 1970);
});

Deno.test("bytes that are no font are refused", () => {
  assertThrows(() => parseFont(new Uint8Array(3)), RangeError, "not a TrueType file");
  assertThrows(() => parseFont(new Uint8Array(64)), RangeError, "not a TrueType file");
  const empty = new Uint8Array(12);
  empty[1] = 1;
  assertThrows(() => parseFont(empty), RangeError, 'table "head" is missing');
});
