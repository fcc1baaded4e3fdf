import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { freePort, isListening } from "./free_port.ts";
import { startProcess } from "./process.ts";
import { processMemory } from "./process_memory.ts";
import { taskCommand } from "./task_command.ts";
import { tempDir } from "./temp_dir.ts";
import { DeadlineError, waitUntil } from "./wait_until.ts";

const deno = Deno.execPath();

function isAlive(pid: number): boolean {
  try {
    // A zombie is dead: it only waits for its parent to ask.
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

Deno.test("startProcess() collects both streams and tells the exit code", async () => {
  await using child = startProcess(["sh", "-c", "echo out; echo err >&2; exit 3"]);
  assertEquals(await child.end(), { code: 3, signal: null });
  assertEquals([...child.lines].sort(), ["err", "out"]);
});

Deno.test("waitForLine() says how the output ends if the process ends without the line", async () => {
  await using child = startProcess(["sh", "-c", "echo something else"]);
  const error = await assertRejects(
    () => child.waitForLine(/ready/),
    Error,
    "ended without a line",
  );
  assertStringIncludes(error.message, "something else");
});

Deno.test("waitForLine() gives up at its deadline", async () => {
  await using child = startProcess(["sleep", "60"]);
  await assertRejects(() => child.waitForLine(/ready/, { timeoutMs: 50 }), DeadlineError);
});

Deno.test("interrupt() lets a job finish in order", async () => {
  const code = `Deno.addSignalListener("SIGINT", () => { console.log("bye"); Deno.exit(0); });
    console.log("ready"); setInterval(() => {}, 1000);`;
  await using child = startProcess([deno, "eval", code]);
  await child.waitForLine(/^ready$/);
  assertEquals(await child.interrupt(), { code: 0, signal: null });
  assertEquals(child.lines.at(-1), "bye");
});

Deno.test("kill9() ends the whole group", async () => {
  await using child = startProcess(["sh", "-c", "sleep 300 & echo child $!; wait"]);
  const grandchild = Number((await child.waitForLine(/^child \d+$/)).split(" ")[1]);
  assert(isAlive(grandchild));
  assertEquals((await child.kill9()).signal, "SIGKILL");
  await waitUntil(() => !isAlive(grandchild), { what: "its end", timeoutMs: 10_000 });
});

Deno.test("end() kills and complains when the process does not end", async () => {
  await using child = startProcess(["sleep", "300"]);
  await assertRejects(() => child.end(50), DeadlineError, "did not end within 50 ms");
  assertFalse(child.running);
});

Deno.test("pause() freezes and resume() thaws", async () => {
  await using child = startProcess(["sh", "-c", "while true; do echo tick; sleep 0.05; done"]);
  await child.waitForLine(/tick/);
  child.pause();
  const state = () => Deno.readTextFileSync(`/proc/${child.pid}/status`);
  await waitUntil(() => /^State:\s+T/m.test(state()), { what: "a stop", timeoutMs: 10_000 });
  const seen = child.lines.length;
  child.resume();
  await child.waitForLine(/tick/, { after: seen + 1 });
});

Deno.test("a child dies with a parent that is killed", async () => {
  const module = new URL("./process.ts", import.meta.url).href;
  const code = `const { startProcess } = await import(${JSON.stringify(module)});
    const child = startProcess(["sleep", "300"]);
    console.log("child " + child.pid); await child.end(300_000);`;
  const root = new URL("../../deno.json", import.meta.url).pathname;
  await using parent = startProcess([deno, "eval", "-c", root, code]);
  const pid = Number((await parent.waitForLine(/^child \d+$/)).split(" ")[1]);
  assert(isAlive(pid));
  // Only the parent itself: the child is in a group of its own anyway.
  parent.signal("SIGKILL");
  await parent.end();
  await waitUntil(() => !isAlive(pid), { what: "the child's end", timeoutMs: 10_000 });
});

Deno.test("processMemory() measures this process", async () => {
  const { rss, peakRss } = await processMemory(Deno.pid);
  assert(rss > 2 ** 20 && peakRss >= rss, `${rss} ${peakRss}`);
});

Deno.test("taskCommand() reads tasks in both spellings", async () => {
  await using dir = await tempDir();
  const tasks = { ingest: "deno run -P=ingest jobs/ingest.ts", ok: { command: "deno lint" } };
  await Deno.writeTextFile(`${dir.path}/deno.json`, JSON.stringify({ tasks }));
  const ingest = { args: ["run", "-P=ingest", "jobs/ingest.ts"], cwd: dir.path };
  assertEquals(await taskCommand("ingest", dir.path), ingest);
  assertEquals((await taskCommand("ok", dir.path)).args, ["lint"]);
  await assertRejects(() => taskCommand("stream", dir.path), Error, "it has ingest,ok");
});

Deno.test("taskCommand() finds this project's own tasks", async () => {
  const error = await assertRejects(() => taskCommand("no such task"), Error);
  assertStringIncludes(error.message, "test");
});

Deno.test("freePort() gives different ports below the ephemeral range", async () => {
  const ports = Array.from({ length: 20 }, freePort);
  assertEquals(new Set(ports).size, 20);
  for (const port of ports) assert(port >= 20_000 && port < 32_000, String(port));
  const [port = 0] = ports;
  assertFalse(await isListening(port));
  using _listener = Deno.listen({ hostname: "127.0.0.1", port });
  assert(await isListening(port));
});

Deno.test("tempDir() is gone afterwards, with what was in it", async () => {
  let path: string;
  {
    await using dir = await tempDir({ prefix: "try-" });
    path = dir.path;
    assertMatch(path, /\/try-[^/]+$/);
    await Deno.mkdir(`${path}/a/b`, { recursive: true });
  }
  await assertRejects(() => Deno.stat(path), Deno.errors.NotFound);
});
