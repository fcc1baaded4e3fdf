import { assert, assertEquals } from "@std/assert";
import { bootstrapIntervals } from "./bootstrap.ts";
import { accuracy, auc } from "./metrics.ts";
import { seededRandom } from "./prng.ts";

Deno.test("intervals hold the measure, are as wide as theory says, and repeat with the seed", () => {
  const random = seededRandom(5);
  const labels = Array.from({ length: 2000 }, () => random() < 0.5 ? 1 : 0);
  const scores = labels.map((label) => 0.6 * random() + 0.4 * label * random());
  const scored = { scores, labels };
  const found = bootstrapIntervals(scored, { resamples: 400, seed: 3 });
  assertEquals(bootstrapIntervals(scored, { resamples: 400, seed: 3 }), found);
  assert(found.auc.low < auc(scored) && auc(scored) < found.auc.high);
  // Accuracy is binomial: 1.96 standard errors either way.
  const p = accuracy(scored);
  const width = 2 * 1.96 * Math.sqrt(p * (1 - p) / 2000);
  const ratio = (found.accuracy.high - found.accuracy.low) / width;
  assert(ratio > 0.8 && ratio < 1.2, `${ratio}`);
});

Deno.test("rows of one class have no AUC interval", () => {
  const { auc: interval } = bootstrapIntervals({ scores: [0.2, 0.7], labels: [1, 1] });
  assert(Number.isNaN(interval.low) && Number.isNaN(interval.high));
});
