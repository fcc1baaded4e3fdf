import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { calibration, expectedCalibrationError, prCurve, rocCurve } from "./curves.ts";
import { accuracy, auc, brier, classScores, confusion, f1, logLoss } from "./metrics.ts";

// Reference values: scikit-learn 1.9.1 on these rows (ties on either side of 0.5 included).
const SCORED = {
  scores: [.1, .4, .4, .35, .8, .8, .8, .2, .5, .5, .9, .05],
  labels: [0, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 0],
};

Deno.test("measures agree with scikit-learn", () => {
  assertAlmostEquals(auc(SCORED), 0.7777777777777778, 1e-12);
  assertAlmostEquals(accuracy(SCORED), 0.6666666666666666, 1e-12);
  assertAlmostEquals(f1(SCORED), 0.6666666666666666, 1e-12);
  assertAlmostEquals(logLoss(SCORED), 0.5336763111115539, 1e-12);
  assertAlmostEquals(brier(SCORED), 0.18541666666666667, 1e-12);
  assertEquals(confusion(SCORED), {
    truePositive: 4,
    falsePositive: 2,
    trueNegative: 4,
    falseNegative: 2,
  });
  assertAlmostEquals(classScores(SCORED).negative.recall, 2 / 3, 1e-12);
});

Deno.test("curves agree with scikit-learn", () => {
  const roc = rocCurve(SCORED);
  const sixths = (values: number[]): number[] => values.map((value) => Math.round(value * 6));
  assertEquals(sixths(roc.map((p) => p.fpr)), [0, 0, 1, 2, 3, 3, 4, 5, 6]);
  assertEquals(sixths(roc.map((p) => p.tpr)), [0, 1, 3, 4, 5, 6, 6, 6, 6]);
  assertEquals(roc.map((p) => p.threshold), [Infinity, .9, .8, .5, .4, .35, .2, .1, .05]);
  const pr = prCurve(SCORED).toReversed();
  const precision = [.5, 6 / 11, .6, 2 / 3, .625, 2 / 3, .75, 1];
  pr.forEach((point, i) => assertAlmostEquals(point.precision, precision[i] ?? 0, 1e-12));
  assertEquals(sixths(pr.map((p) => p.recall)), [6, 6, 6, 6, 5, 4, 3, 1]);
});

Deno.test("AUC equals the share of pairs in the right order", () => {
  const row = fc.record({
    score: fc.integer({ min: 0, max: 6 }),
    label: fc.integer({ min: 0, max: 1 }),
  });
  fc.assert(fc.property(fc.array(row, { minLength: 2 }), (rows) => {
    const up = rows.filter((r) => r.label === 1);
    const down = rows.filter((r) => r.label === 0);
    fc.pre(up.length > 0 && down.length > 0);
    let won = 0;
    for (const a of up) {
      for (const b of down) won += a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0;
    }
    const scored = { scores: rows.map((r) => r.score), labels: rows.map((r) => r.label) };
    assertAlmostEquals(auc(scored), won / (up.length * down.length), 1e-12);
    // The area under the ROC curve by the trapezoid rule is the same number.
    const points = rocCurve(scored);
    let area = 0;
    for (let i = 1; i < points.length; i++) {
      const [a, b] = [points[i - 1], points[i]];
      assert(a !== undefined && b !== undefined);
      area += (b.fpr - a.fpr) * (a.tpr + b.tpr) / 2;
    }
    assertAlmostEquals(area, auc(scored), 1e-12);
  }));
});

Deno.test("a missing class makes AUC NaN; empty ratios are 0", () => {
  assert(Number.isNaN(auc({ scores: [1, 2], labels: [1, 1] })));
  assertEquals(classScores({ scores: [0.1], labels: [1] }).positive.precision, 0);
  assertThrows(() => auc({ scores: [1], labels: [] }), RangeError, "1 scores against 0 labels");
});

Deno.test("calibration error by hand", () => {
  const scored = { scores: [.1, .15, .9, 1], labels: [0, 1, 1, 1] };
  // Bin 0.1–0.2: predicted .125, observed .5, 2 rows; bin 0.9–1: predicted .95, observed 1, 2 rows.
  assertEquals(calibration(scored).map((bin) => bin.count), [2, 2]);
  assertAlmostEquals(expectedCalibrationError(scored), (.375 + .05) / 2, 1e-12);
});
