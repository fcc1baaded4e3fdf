import { assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { evaluateThree, suggestThresholds } from "./three_class.ts";

Deno.test("measures agree with scikit-learn", () => {
  const rows = {
    targets: [1, 1, .5, .5, .5, 0, 0, 1],
    scores: [.9, .5, .5, .6, .2, .1, .5, .7],
  };
  const report = evaluateThree(rows, { low: 0.45, high: 0.55 });
  assertEquals([report.accuracy, report.averageRecall, report.macroF1], [0.5, 0.5, 0.5]);
  assertAlmostEquals(report.f1.positive, 2 / 3, 1e-12);
  assertAlmostEquals(report.f1.neutral, 1 / 3, 1e-12);
  assertAlmostEquals(report.f1.negative, 1 / 2, 1e-12);
});

Deno.test("no thresholds in steps of 0.01 do better than the suggested ones", () => {
  const row = fc.record({
    score: fc.integer({ min: 0, max: 100 }).map((n) => n / 100 + 0.005),
    target: fc.constantFrom(0, 0.5, 1),
  });
  fc.assert(
    fc.property(fc.array(row, { minLength: 5, maxLength: 40 }), (all) => {
      const rows = { scores: all.map((r) => r.score), targets: all.map((r) => r.target) };
      const best = evaluateThree(rows, suggestThresholds(rows)).macroF1;
      for (let low = 5; low < 100; low += 10) {
        for (let high = low; high < 100; high += 10) {
          const other = evaluateThree(rows, { low: low / 100, high: high / 100 }).macroF1;
          assertEquals(other > best + 1e-9, false, `${low} ${high}`);
        }
      }
    }),
    { numRuns: 30 },
  );
});
