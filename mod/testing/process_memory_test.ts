import { assertEquals, assertThrows } from "@std/assert";
import { parseMemory } from "./process_memory.ts";

Deno.test("parseMemory() reads kilobytes as bytes", () => {
  const status =
    "Name:\tdeno\nVmPeak:\t  9 kB\nVmHWM:\t  2048 kB\nVmRSS:\t  1024 kB\nThreads:\t3\n";
  assertEquals(parseMemory(status), { rss: 2 ** 20, peakRss: 2 ** 21 });
});

Deno.test("parseMemory() refuses the status of a process that has ended", () => {
  assertThrows(() => parseMemory("Name:\tdeno\nState:\tZ (zombie)\n"), Error, "VmRSS");
});
