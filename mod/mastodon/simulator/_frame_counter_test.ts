import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { FrameCounter } from "./_frame_counter.ts";

const UPGRADED = bytes("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A server's frame: opcode 1 text, 2 binary, 9 ping. */
function frame(opcode: number, size: number): Uint8Array {
  const head = size < 126
    ? [size]
    : size < 65_536
    ? [126, size >> 8, size & 0xff]
    : [127, 0, 0, 0, 0, 0, size >> 16, (size >> 8) & 0xff, size & 0xff];
  return new Uint8Array([0x80 | opcode, ...head, ...new Uint8Array(size).fill(0x81)]);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

Deno.test("FrameCounter: counts data frames however the bytes are cut", () => {
  const sizes = fc.array(
    fc.record({
      opcode: fc.constantFrom(1, 2, 9, 10),
      size: fc.constantFrom(0, 1, 125, 126, 300, 65_535, 65_536),
    }),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 5000 }), (frames, step) => {
      const all = join([UPGRADED, ...frames.map(({ opcode, size }) => frame(opcode, size))]);
      const counter = new FrameCounter();
      for (let i = 0; i < all.length; i += step) {
        const chunk = all.subarray(i, i + step);
        assertEquals(counter.take(chunk, false), chunk.length);
      }
      assertEquals(counter.messages, frames.filter(({ opcode }) => opcode <= 2).length);
    }),
    { numRuns: 50 },
  );
});

Deno.test("FrameCounter: a cut falls inside the next data frame, not inside a ping", () => {
  const counter = new FrameCounter();
  counter.take(join([UPGRADED, frame(1, 10)]), false);
  const chunk = join([frame(9, 4), frame(1, 100)]);
  const passed = counter.take(chunk, true);
  assertEquals(passed, 6 + 2 + 50);
  assert(counter.messages === 1);
});

Deno.test("FrameCounter: counts the bytes of a chunked body however they are cut", () => {
  const head = bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  const sizes = fc.array(fc.integer({ min: 1, max: 600 }), { maxLength: 6 });
  fc.assert(fc.property(sizes, fc.integer({ min: 1, max: 700 }), (chunks, step) => {
    const all = join([
      head,
      ...chunks.map((size) => bytes(`${size.toString(16)}\r\n${"x".repeat(size)}\r\n`)),
    ]);
    const counter = new FrameCounter();
    for (let i = 0; i < all.length; i += step) counter.take(all.subarray(i, i + step), false);
    assertEquals(counter.bodyBytes, chunks.reduce((sum, size) => sum + size, 0));
    assertEquals(counter.messages, 0);
    const more = bytes("14\r\n12345678901234567890\r\n");
    assertEquals(counter.take(more, true), more.length / 2);
  }));
});
