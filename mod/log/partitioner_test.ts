import { assert, assertEquals } from "@std/assert";
import { partitionOf } from "./partitioner.ts";

Deno.test("partitionOf() is FNV-1a", () => {
  // Test vectors of the draft: 32-bit FNV-1a of "", "a", "foobar".
  const buckets = 2 ** 32;
  assertEquals(partitionOf("", buckets), 0x811c9dc5);
  assertEquals(partitionOf("a", buckets), 0xe40c292c);
  assertEquals(partitionOf("foobar", buckets), 0xbf9cf968);
});

Deno.test("partitionOf() spreads ids evenly", () => {
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 40_000; i++) {
    const partition = partitionOf(String(115_782_031_459_612_345n + BigInt(i) * 65_536n), 4);
    counts[partition] = (counts[partition] ?? 0) + 1;
  }
  for (const count of counts) assert(Math.abs(count - 10_000) < 600, `${counts}`);
  assertEquals(partitionOf("7", 1), 0);
});
