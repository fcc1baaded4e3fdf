import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { decodeTable, quantise } from "./quantise.ts";

Deno.test("each weight comes back within half a step", () => {
  const weights = fc.float32Array({ noNaN: true, noDefaultInfinity: true, minLength: 1 });
  fc.assert(fc.property(weights, (values) => {
    const scaled = values.map((value) => value / 1e30);
    const { codes, limit } = quantise(scaled);
    const table = decodeTable(limit);
    scaled.forEach((weight, i) => {
      const code = codes[i] ?? 0;
      const size = Math.abs(code);
      const step = limit *
        ((Math.min(127, size + 1) / 127) ** 2 - (Math.max(0, size - 1) / 127) ** 2);
      assert(Math.abs((table[code + 128] ?? NaN) - weight) <= step, `${weight}`);
    });
  }));
});

Deno.test("nothing but zeros", () => {
  assertEquals(quantise(new Float32Array(4)), { bits: 2, limit: 0, codes: new Int8Array(4) });
});
