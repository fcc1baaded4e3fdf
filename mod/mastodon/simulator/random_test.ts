import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Random } from "./random.ts";

function draw(seed: number, count: number): number[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => random.uint32());
}

Deno.test("Random: equal seeds give equal numbers, others don't", () => {
  fc.assert(fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER - 1 }), (seed) => {
    assertEquals(draw(seed, 8), draw(seed, 8));
    assertNotEquals(draw(seed, 8), draw(seed + 1, 8));
  }));
});

Deno.test("Random: both halves of the seed count", () => {
  assertNotEquals(draw(1, 4), draw(1 + 2 ** 32, 4));
});

Deno.test("Random: agrees with a plain 32-bit reading of sfc32", () => {
  // The published algorithm on BigInt, where nothing can overflow unnoticed.
  const mask = 0xffff_ffffn;
  let [a, b, c, counter] = [0n, 42n, 0n, 1n];
  const next = () => {
    const sum = (a + b + counter) & mask;
    counter = (counter + 1n) & mask;
    a = b ^ (b >> 9n);
    b = (c + (c << 3n)) & mask;
    c = ((((c << 21n) & mask) | (c >> 11n)) + sum) & mask;
    return Number(sum);
  };
  for (let i = 0; i < 12; i++) next();
  assertEquals(draw(42, 1000), Array.from({ length: 1000 }, next));
});

Deno.test("Random: numbers stay in their range and reach its ends", () => {
  const random = new Random(5);
  const seen = new Set<number>();
  for (let i = 0; i < 2000; i++) seen.add(random.between(-2, 3));
  assertEquals([...seen].toSorted((x, y) => x - y), [-2, -1, 0, 1, 2, 3]);
});

Deno.test("Random: weights decide how often an item comes", () => {
  const random = new Random(9);
  const items = [{ weight: 0 }, { weight: 1 }, { weight: 3 }];
  const counts = [0, 0, 0];
  for (let i = 0; i < 20_000; i++) {
    const index = items.indexOf(random.weighted(items));
    counts[index] = (counts[index] ?? 0) + 1;
  }
  assertEquals(counts[0], 0);
  // Standard deviation of a share near 1/4 over 20,000 draws: 0.003.
  assert(Math.abs((counts[1] ?? 0) / 20_000 - 0.25) < 0.015);
});

Deno.test("Random: refuses what it cannot do", () => {
  assertThrows(() => new Random(0.5), RangeError);
  assertThrows(() => new Random(1).pick([]), RangeError);
  assertThrows(() => new Random(1).weighted([{ weight: 0 }]), RangeError);
});
