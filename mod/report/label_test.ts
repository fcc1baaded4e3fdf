import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { textWidth } from "./font.ts";
import { drawableLabel, fitLabel, wrapText } from "./label.ts";
import { loadTheme } from "./theme.ts";

const { regular: font } = await loadTheme();

Deno.test("whatever comes in, only what the font has goes out", () => {
  const text = fc.string({ unit: fc.oneof(fc.integer({ min: 0, max: 0xffff }).map(unit), wide) });
  fc.assert(fc.property(text, (each) => {
    const label = drawableLabel(each, font);
    for (const char of label.text) assert(font.has(char.codePointAt(0) ?? 0));
    assertEquals(drawableLabel(label.text, font).text, label.text);
  }));
});

Deno.test("characters that the font lacks are named, invisible ones left out", () => {
  const cases: [string, string][] = [
    ["#café", "#café"],
    ["#cafe\u0301", "#café"],
    ["#العربية", "#العربية"],
    ["#東京タワー", "#[U+6771 U+4EAC U+30BF +2 more]"],
    ["#a東b", "#a[U+6771]b"],
    ["👩‍👩‍👧", "[U+1F469 U+1F469 U+1F467]"],
    ["❤️", "❤"],
    ["a\u202Eb\u0000c\u200Bd", "abcd"],
    ["\uD800", "\uFFFD"],
    ["", ""],
  ];
  for (const [text, expected] of cases) assertEquals(drawableLabel(text, font).text, expected);
});

Deno.test("a fitted label and wrapped lines are never wider than asked", () => {
  const options = fc.record({ size: fc.integer({ min: 8, max: 30 }), width: fc.constant(90) });
  fc.assert(fc.property(fc.lorem({ maxCount: 12 }), options, (text, { size, width }) => {
    const fitted = fitLabel(text, { font, size, width });
    assertLessOrEqual(textWidth(fitted, { font, size }), width);
    for (const line of wrapText(text, { font, size, width })) {
      assertLessOrEqual(textWidth(line, { font, size }), width);
    }
  }));
});

Deno.test("wrapping keeps every word in order", () => {
  const text = "one two three four five six seven";
  assertEquals(wrapText(text, { font, size: 12, width: 80 }).join(" "), text);
});

function unit(code: number): string {
  return String.fromCharCode(code);
}

const wide = fc.integer({ min: 0x10000, max: 0x10ffff }).map((code) => String.fromCodePoint(code));
