import { assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import fc from "fast-check";
import { calibrated, sigmoid } from "./calibrate.ts";
import { explain, explanationLines } from "./explain.ts";
import { loadShippedModel } from "./load.ts";

const { model } = await loadShippedModel();

Deno.test("the parts add up to the logit, and the logit gives the probability", () => {
  fc.assert(fc.property(fc.lorem({ maxCount: 20 }), fc.string({ unit: "binary" }), (a, b) => {
    const found = explain(model, `${a} not ${b}`, { limit: Infinity });
    const sum = (parts: readonly { push: number }[]): number =>
      parts.reduce((total, { push }) => total + push, found.base);
    assertAlmostEquals(sum(found.ngrams), found.logit, 1e-6);
    assertAlmostEquals(sum(found.tokens), found.logit, 1e-6);
    assertAlmostEquals(found.logit, model.logit(`${a} not ${b}`), 1e-9);
    const p = sigmoid(calibrated(found.logit, model.parts.calibration));
    assertAlmostEquals(p, found.probability, 1e-6);
  }));
});

Deno.test("the words that matter push hardest, and a negation shows", () => {
  const { tokens, ngrams } = explain(model, "the food was horrible", { limit: 1000 });
  const lowest = tokens.toSorted((a, b) => a.push - b.push)[0];
  assertEquals(lowest?.text, "horrible");
  assertGreater(ngrams.length, 20);
  assertEquals(
    explain(model, "not good", { limit: 1000 }).ngrams.some(({ text }) => text === "¬good"),
    true,
  );
});

Deno.test("lines for a terminal", () => {
  const lines = explanationLines(explain(model, "I love it"), "positive");
  assertEquals(lines.length, 4 + 12);
  assertEquals(lines[0]?.startsWith("positive, probability 0.9"), true, lines[0]);
});
