import { assertEquals } from "@std/assert";
import fc from "fast-check";
import Encoder from "kafkajs/src/protocol/encoder.js";
import { z } from "zod";
import { writeVarintsInPlace } from "./_kafkajs_varint.ts";

const encoder = z.object({
  buffer: z.instanceof(Uint8Array),
  writeVarInt: z.function({ input: [z.number()] }),
  writeUVarInt: z.function({ input: [z.number()] }),
});

function written(values: readonly number[]): number[] {
  // No room at first, so that it must grow too.
  const made = Reflect.construct(Encoder, [1]);
  const write = encoder.parse(made);
  for (const value of values) {
    Reflect.apply(write.writeVarInt, made, [value]);
    Reflect.apply(write.writeUVarInt, made, [value]);
  }
  return [...encoder.parse(made).buffer];
}

Deno.test("varints written in place are those that kafkajs writes", () => {
  const edges = [0, 1, 63, 64, 127, 128, 16_383, 16_384, 2 ** 28, 2 ** 31 - 1];
  const value = fc.oneof(
    fc.constantFrom(...edges, ...edges.map((edge) => -edge)),
    fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  );
  const samples = [edges, ...fc.sample(fc.array(value, { maxLength: 40 }), 500)];
  const theirs = samples.map(written);
  writeVarintsInPlace();
  assertEquals(samples.map(written), theirs);
});
