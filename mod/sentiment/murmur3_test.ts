import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { murmur3, murmur3String, murmur3Units } from "./murmur3.ts";

Deno.test("murmur3 gives the published values", () => {
  const cases: [string, number, number][] = [
    ["", 0, 0],
    ["", 1, 0x514e28b7],
    ["", 0xffffffff, 0x81f16f39],
    ["a", 0x9747b28c, 0x7fa09ea6],
    ["aa", 0x9747b28c, 0x5d211726],
    ["aaa", 0x9747b28c, 0x283e0130],
    ["aaaa", 0x9747b28c, 0x5a97808a],
    ["abc", 0x9747b28c, 0xc84a62dd],
    ["Hello, world!", 0x9747b28c, 0x24884cba],
    ["The quick brown fox jumps over the lazy dog", 0x9747b28c, 0x2fa826cd],
  ];
  for (const [text, seed, hash] of cases) {
    assertEquals(murmur3(new TextEncoder().encode(text), seed), hash, text);
  }
});

Deno.test("hashes of strings, units and bytes agree", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.nat(), (text, seed) => {
    const units = Uint16Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
    const bytes = Uint8Array.from([...units].flatMap((unit) => [unit & 255, unit >>> 8]));
    const hash = murmur3(bytes, seed);
    assertEquals(murmur3String(text, seed), hash);
    assertEquals(murmur3Units(units, { start: 0, end: units.length, seed }), hash);
  }));
});
