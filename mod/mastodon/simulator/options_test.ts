import { assertEquals, assertThrows } from "@std/assert";
import { DEFAULT_RATES, type GeneratorOptions, resolveOptions } from "./options.ts";

Deno.test("resolveOptions: fills in defaults and keeps what is given", () => {
  const options = resolveOptions({ seed: 7, rates: { edits: 1 } });
  assertEquals(options.start, Date.parse("2026-01-05T00:00:00Z"));
  assertEquals([options.seed, options.events, options.days], [7, 6000, 3]);
  assertEquals(options.rates, { ...DEFAULT_RATES, edits: 1 });
});

Deno.test("resolveOptions: names the value that it refuses", () => {
  const cases: [GeneratorOptions, string][] = [
    [{ seed: -1 }, "seed = -1"],
    [{ events: 1.5 }, "events = 1.5"],
    [{ authors: 3 }, "authors = 3"],
    [{ days: 0 }, "0 days"],
    [{ days: NaN }, "NaN days"],
    [{ start: "soon" }, '"soon"'],
    [{ start: "2100-01-01" }, '"2100-01-01"'],
    [{ lateAfter: 0 }, "lateAfter = 0"],
    [{ hugeBytes: 1e12 }, "hugeBytes"],
    [{ rates: { boosts: 1.01 } }, "boosts = 1.01"],
    [{ rates: { boosts: NaN } }, "boosts = NaN"],
  ];
  for (const [options, part] of cases) {
    assertThrows(() => resolveOptions(options), RangeError, part);
  }
});
