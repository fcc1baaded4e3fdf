/** Needs npm:natural: run with `deno test -A --no-lock mod/sentiment/classic_integration_test.ts`. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { loadNatural, storedWordTools } from "./classic_vectorizer.ts";

Deno.test("what a model stores of natural splits as natural does", async () => {
  const natural = await loadNatural("\\W+");
  assert(natural.stopWords.has("the") && natural.stopWords.size > 100);
  const stored = storedWordTools({ gaps: "\\W+", stopWords: [...natural.stopWords] });
  assertEquals(natural.tokenize("the quick, brown fox's"), ["the", "quick", "brown", "fox", "s"]);
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.lorem(), (a, b) => {
    const text = `${a} ${b}, ${a}`.toLowerCase();
    assertEquals(stored.tokenize(text), natural.tokenize(text));
  }));
});
