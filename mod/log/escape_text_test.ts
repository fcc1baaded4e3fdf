import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { escapeText, safeJson, shortened } from "./escape_text.ts";

const anyText = fc.string({ unit: "binary", maxLength: 200 });

Deno.test("escapeText() leaves nothing that a terminal obeys, and loses nothing", () => {
  fc.assert(fc.property(anyText, (text) => {
    const escaped = escapeText(text);
    assert(!/[\p{C}\p{Zl}\p{Zp}]/u.test(escaped), escaped);
    const back = escaped.replace(
      /\\u\{([0-9a-f]+)\}|\\\\/g,
      (all, hex?: string) =>
        hex === undefined ? all[0] ?? "" : String.fromCodePoint(parseInt(hex, 16)),
    );
    assertEquals(back, text);
  }));
});

Deno.test("escapeText() stops the known attacks", () => {
  assertEquals(escapeText("\x1b]0;title\x07"), "\\u{1b}]0;title\\u{7}");
  assertEquals(escapeText("\x9b31m"), "\\u{9b}31m");
  assertEquals(escapeText("a\u202eb\u2066"), "a\\u{202e}b\\u{2066}");
  assertEquals(escapeText("\ud800"), "\\u{d800}");
  assertEquals(escapeText("größer 🐘"), "größer 🐘");
});

Deno.test("safeJson() parses to the same value and shows no control character", () => {
  fc.assert(fc.property(fc.dictionary(anyText, anyText), (value) => {
    const json = safeJson(value);
    assert(!/[\p{C}\p{Zl}\p{Zp}]/u.test(json), json);
    assertEquals(Object.entries(JSON.parse(json)), Object.entries(value));
  }));
});

Deno.test("shortened() counts what it leaves out and splits no character", () => {
  assertEquals(shortened("abc", 3), "abc");
  assertEquals(shortened("🐘🐘🐘", 2), "🐘🐘… (2 more)");
});
