import { assertEquals, assertThrows } from "@std/assert";
import { splitTask } from "./task_command.ts";

Deno.test("splitTask() gives the arguments after deno", () => {
  assertEquals(splitTask("  deno run -P=stream   jobs/stream.ts "), [
    "run",
    "-P=stream",
    "jobs/stream.ts",
  ]);
});

Deno.test("splitTask() refuses what only a shell can run", () => {
  const commands = [
    "deno fmt && deno lint",
    "deno run $HOME/x.ts",
    "deno test **/*_test.ts",
    "deno run 'a b.ts'",
    "echo deno",
    "deno",
    "",
  ];
  for (const command of commands) {
    assertThrows(() => splitTask(command), Error, "without a shell");
  }
});
