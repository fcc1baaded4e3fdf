import { assert } from "@std/assert";
import { processCpu } from "./process_cpu.ts";

// Reading /proc takes all permissions.
Deno.test("processCpu() grows while the process works", async () => {
  const before = await processCpu(Deno.pid);
  for (const end = performance.now() + 200; performance.now() < end;);
  const used = await processCpu(Deno.pid) - before;
  assert(used > 0 && used < 60, `${used} s`);
});
