import { assertEquals } from "@std/assert";
import { BinaryCopy } from "./binary_copy.ts";

Deno.test("BinaryCopy writes the format's header, rows and trailer", () => {
  const copy = new BinaryCopy(2);
  copy.row().int4(-2).text("né").row().bool(true).null();
  assertEquals(copy.rows, 2);
  const bytes = Array.from(copy.finish());
  assertEquals(bytes.slice(0, 19), [
    ...new TextEncoder().encode("PGCOPY\n"),
    0xff,
    ...new TextEncoder().encode("\r\n\0"),
    ...Array(8).fill(0),
  ]);
  assertEquals(bytes.slice(19, 36), [
    ...[0, 2],
    ...[0, 0, 0, 4, 0xff, 0xff, 0xff, 0xfe],
    ...[0, 0, 0, 3, 0x6e, 0xc3, 0xa9],
  ]);
  assertEquals(bytes.slice(36), [0, 2, 0, 0, 0, 1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
});

Deno.test("BinaryCopy grows as it must and does not repeat itself", () => {
  const small = new BinaryCopy(3, { capacity: 1 });
  const large = new BinaryCopy(3, { capacity: 1 << 20 });
  for (const copy of [small, large]) {
    for (let i = 0; i < 500; i++) {
      copy.row().text("木".repeat(i)).textArray(["a".repeat(i), ""]).timestamp(i);
    }
  }
  assertEquals(small.finish().toHex() === large.finish().toHex(), true);
});
