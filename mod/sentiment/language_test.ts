import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { MIN_LETTERS, scoredLanguage } from "./language.ts";

const ENGLISH = "This morning the train was late again, so everybody came to work an hour later";
const GERMAN = "Heute Morgen kam der Zug wieder zu spät, deshalb waren alle eine Stunde später da";

Deno.test("a declared language stands, whatever the text", () => {
  assertEquals(scoredLanguage("en", GERMAN), "en");
  assertEquals(scoredLanguage("en-GB", ""), "en");
  assertEquals(scoredLanguage(" PT_br ", ENGLISH), "pt");
});

Deno.test("an unknown one is detected in texts that are long enough", () => {
  for (const unknown of ["und", "", null]) {
    assertEquals(scoredLanguage(unknown, ENGLISH), "en");
    assertEquals(scoredLanguage(unknown, GERMAN), "de");
    assertEquals(scoredLanguage(unknown, "lol"), "und");
    assertEquals(
      scoredLanguage(unknown, `https://x.example/${"abc".repeat(40)} @${"a".repeat(60)}`),
      "und",
    );
  }
  const short = ENGLISH.replaceAll(" ", "").slice(0, MIN_LETTERS - 1);
  assertEquals(scoredLanguage("und", short), "und");
});

Deno.test("any text gives some language", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
    assertEquals(/^[a-z]{2,3}$/.test(scoredLanguage("und", text)), true);
  }));
  assertEquals(scoredLanguage("und", "é".repeat(5_000_000)).length > 0, true);
});
