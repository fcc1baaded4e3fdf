import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { PartitionClock, wholeWatermark, windowStart } from "./window.ts";

Deno.test("windowStart() gives the window [start, start + size) that holds the time", () => {
  const time = fc.integer({ min: -1e13, max: 253_402_300_799_999 });
  fc.assert(fc.property(time, fc.integer({ min: 1, max: 86_400 }), (time, seconds) => {
    const size = seconds * 1000;
    const start = windowStart(time, size);
    assertEquals([start <= time, time < start + size, Math.abs(start % size)], [true, true, 0]);
  }));
  assertEquals(windowStart(60_000, 60_000), 60_000);
  assertEquals(windowStart(59_999, 60_000), 0);
});

Deno.test("PartitionClock never runs backwards and knows when it knows nothing", () => {
  const clock = new PartitionClock({ graceMs: 30, maxEventTime: null });
  assertEquals([clock.maxEventTime, clock.watermark], [null, -Infinity]);
  clock.observe(100);
  clock.observe(50);
  assertEquals([clock.maxEventTime, clock.watermark], [100, 70]);
  const later = new PartitionClock({ graceMs: 30, maxEventTime: clock.maxEventTime });
  later.observe(90);
  assertEquals(later.watermark, 70);
});

Deno.test("wholeWatermark() is held back by active partitions only", () => {
  const active = (watermark: number | null) => ({ watermark, isIdle: false });
  const idle = (watermark: number | null) => ({ watermark, isIdle: true });
  assertEquals(wholeWatermark([]), -Infinity);
  assertEquals(wholeWatermark([active(5), active(3)]), 3);
  assertEquals(wholeWatermark([active(5), active(null)]), -Infinity);
  assertEquals(wholeWatermark([active(5), idle(3), idle(null)]), 5);
  assertEquals(wholeWatermark([idle(5), idle(3), idle(null)]), 5);
  assertEquals(wholeWatermark([idle(null)]), -Infinity);
});
