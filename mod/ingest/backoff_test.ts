import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { backoffMs, FIRST_MS, LONGEST_MS } from "./backoff.ts";

Deno.test("backoffMs() stays below its ceiling, which doubles up to a minute", () => {
  const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(fc.property(fc.nat(1000), share, (failures, drawn) => {
    const wait = backoffMs(failures, () => drawn);
    const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** failures);
    assert(wait >= 0 && wait <= ceiling);
    assertEquals(wait, drawn * ceiling);
  }));
});
