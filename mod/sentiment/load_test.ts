import { assert, assertEquals, assertGreater } from "@std/assert";
import { loadShippedModel } from "./load.ts";

const { model, metadata } = await loadShippedModel();

Deno.test("the shipped model is small and says how good it is", async () => {
  let bytes = 0;
  const folder = new URL("./model/", import.meta.url);
  for await (const entry of Deno.readDir(folder)) {
    bytes += (await Deno.stat(new URL(entry.name, folder))).size;
  }
  assert(bytes <= 4_000_000, `${bytes}`);
  assertGreater(Number(metadata.metrics.validation?.auc), 0.885);
  assertGreater(Number(metadata.metrics.test?.accuracy), 0.85);
});

Deno.test("the shipped model tells plain cases apart", () => {
  for (const text of ["I love this so much", "what a beautiful day :)", "thank you, great work!"]) {
    assertGreater(model.score(text), 0.75, text);
  }
  for (const text of ["I hate mondays", "this is not good", "so sad, my cat died", "ugh :("]) {
    assertGreater(0.25, model.score(text), text);
  }
});

Deno.test("any text gets a probability of 6 decimals, the same each time", () => {
  const texts = [
    "",
    " ",
    "\u0000",
    "\ud800",
    "😀".repeat(9000),
    "日本語のテキスト",
    "a".repeat(1e6),
  ];
  for (const text of texts) {
    const p = model.score(text);
    assert(p >= 0 && p <= 1, text.slice(0, 10));
    assertEquals(p, Number(p.toFixed(6)));
    model.score("something else between");
    assertEquals(model.score(text), p);
  }
});
