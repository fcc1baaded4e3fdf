import { assertEquals, assertThrows } from "@std/assert";
import { parseCpu } from "./process_cpu.ts";

Deno.test("parseCpu() adds time in user and in kernel mode, whatever the program is called", () => {
  const rest = "S 1 7 7 0 -1 4194304 9 0 0 0 1234 66 5 5 20 0 9 0 1 2 3\n";
  for (const name of ["deno", "a) b 1 2 (c", "S 1 2"]) {
    assertEquals(parseCpu(`7 (${name}) ${rest}`), 13);
  }
});

Deno.test("parseCpu() refuses what is no process's stat", () => {
  for (const text of ["", "7 (deno) Z 1", "7 (deno) S a b c d e f g h i j k l m n"]) {
    assertThrows(() => parseCpu(text), Error, "processor time");
  }
});
