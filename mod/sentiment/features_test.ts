import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Featurizer } from "./features.ts";
import { BEST } from "./presets.ts";

const PLAIN = { ...BEST.features, bits: 16, charMax: 0 };

function described(featurizer: Featurizer, text: string): string[] {
  featurizer.read(text);
  return Array.from({ length: featurizer.size }, (_, i) => featurizer.describe(i).text);
}

Deno.test("word n-grams up to the length asked for", () => {
  const featurizer = new Featurizer({ ...PLAIN, wordMax: 3 });
  assertEquals(described(featurizer, "so not good"), [
    "so",
    "not",
    "so not",
    "¬good",
    "not ¬good",
    "so not ¬good",
  ]);
});

Deno.test("character n-grams within tokens and across them", () => {
  const options = { ...PLAIN, charMin: 3, charMax: 4 };
  const within = new Featurizer({ ...options, charAcross: false });
  assertEquals(described(within, "ab c").slice(within.words), [" ab", " ab ", "ab ", " c "]);
  const across = new Featurizer({ ...options, charAcross: true });
  assertEquals(described(across, "ab c").slice(across.words), [
    " ab",
    " ab ",
    "ab ",
    "ab c",
    "b c",
    "b c ",
    " c ",
  ]);
});

Deno.test("counts, halves of the buckets and the same result each time", () => {
  const featurizer = new Featurizer({ ...BEST.features, bits: 14 });
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.string(), (text, other) => {
    featurizer.read(text);
    const [size, words] = [featurizer.size, featurizer.words];
    const buckets = featurizer.buckets.slice(0, size);
    assertEquals(new Set(buckets).size, size);
    buckets.forEach((bucket, i) => assertEquals(bucket >= 2 ** 13, i >= words));
    featurizer.read(other);
    featurizer.read(text);
    assertEquals(featurizer.buckets.slice(0, featurizer.size), buckets);
    assert(featurizer.counts.subarray(0, size).every((count) => count > 0));
  }));
});

Deno.test("a repeated word counts", () => {
  const featurizer = new Featurizer({ ...PLAIN, wordMax: 1 });
  featurizer.read("ha ha ha ho");
  assertEquals([...featurizer.counts.subarray(0, 2)], [3, 1]);
  featurizer.read("ha ".repeat(2000));
  assertEquals(featurizer.counts[0], 255);
});
