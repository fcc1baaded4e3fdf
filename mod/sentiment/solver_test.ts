import { assert, assertAlmostEquals } from "@std/assert";
import { FeatureRows } from "./feature_rows.ts";
import { Solver } from "./solver.ts";
import type { FeatureName, Vectorizer } from "./vectorizer.ts";

/** Reads "2 0 1" as feature 0 twice and feature 2 once. */
class Counts implements Vectorizer {
  readonly buckets = new Uint32Array(8);
  readonly counts = new Uint8Array(8);
  readonly bits = 2;
  size = 0;
  words = 0;
  read(text: string): void {
    this.size = 0;
    text.split(" ").forEach((count, bucket) => {
      if (count === "0") return;
      this.buckets[this.size] = bucket;
      this.counts[this.size++] = Number(count);
    });
    this.words = this.size;
  }
  tokens(): string[] {
    return [];
  }
  describe(): FeatureName {
    return { kind: "word", text: "", tokens: [0, 0] };
  }
}

const ROWS = ["1 0 2", "0 1 1", "1 1 0", "0 0 1", "2 1 1", "0 2 0"];
const WEIGHTING = { sublinear: false, normalize: false, charWeight: 1 };

function solve(
  rows: string[],
  options: { readonly targets: number[]; readonly costs: number[] },
): readonly number[] {
  const features = new FeatureRows(rows, { vectorizer: new Counts(), weighting: WEIGHTING });
  rows.forEach((_, row) => features.count(row));
  const solver = new Solver(features, { ...options, scale: new Float32Array(4).fill(1) });
  const order = Uint32Array.from(rows.keys());
  for (let pass = 0; pass < 300; pass++) solver.visit(order);
  const { weights, bias } = solver.weights();
  return [...weights.subarray(0, 3), bias];
}

Deno.test("the optimum is that of liblinear", () => {
  // scikit-learn 1.9.1: LogisticRegression(C=0.7, solver="liblinear", intercept_scaling=1, tol=1e-12)
  // .fit(X, y, sample_weight=[1, 1, 2, 1, 1, 1])
  const reference = [0.9436515110, -0.2195771835, -0.0550061196, -0.0635056877];
  const costs = [1, 1, 2, 1, 1, 1].map((weight) => weight * 0.7);
  const found = solve(ROWS, { targets: [1, 0, 1, 0, 1, 0], costs });
  found.forEach((value, i) => assertAlmostEquals(value, reference[i] ?? NaN, 1e-4));
});

Deno.test("a neutral row is half a positive and half a negative one", () => {
  const soft = solve(["1 0 1", "0 1 0", "1 1 1"], { targets: [1, 0, 0.5], costs: [1, 1, 1] });
  const halves = solve(["1 0 1", "0 1 0", "1 1 1", "1 1 1"], {
    targets: [1, 0, 1, 0],
    costs: [1, 1, 0.5, 0.5],
  });
  soft.forEach((value, i) => assertAlmostEquals(value, halves[i] ?? NaN, 1e-4));
});

Deno.test("rows that cost nothing teach nothing; huge costs stay finite", () => {
  const found = solve(["1 0 0", "0 1 0"], { targets: [1, 0], costs: [0, 1e6] });
  assert(found[0] === 0);
  assert(found.every((value) => Number.isFinite(value)));
});
