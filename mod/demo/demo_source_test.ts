import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { JobError } from "../ops/job.ts";
import { DEFAULT_DEMO, demoSource } from "./demo_source.ts";

async function recording(text: string): Promise<string> {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, text);
  return path;
}

Deno.test("a recording that cannot be read is named in one line", async () => {
  const folder = await Deno.makeTempDir();
  for (const path of [`${folder}/none.jsonl`, folder]) {
    const error = await assertRejects(() => demoSource({ kind: "replay", path }), JobError);
    assertEquals(error.message, `Cannot read "${path}": give --replay a file of one Status a line`);
  }
  await Deno.remove(folder);
});

Deno.test("a recording announces as many frames as it plays", async () => {
  for (const text of ["", "\n", "a", "a\n", "a\nb", "a\r\n\nb\n\n", "a\n\n"]) {
    const path = await recording(text);
    const { source, frames } = await demoSource({ kind: "replay", path });
    assertEquals(frames, (await Array.fromAsync(source.frames())).length, JSON.stringify(text));
    await Deno.remove(path);
  }
});

Deno.test("equal streams have equal names, different ones different names", async () => {
  const [a, same, b] = [await recording("a"), await recording("a"), await recording("b")];
  const domain = async (path: string) => (await demoSource({ kind: "replay", path })).domain;
  assertEquals(await domain(a), await domain(same));
  assertNotEquals(await domain(a), await domain(b));
  for (const path of [a, same, b]) await Deno.remove(path);
  const made = async (seed: number, events: number) =>
    (await demoSource({ kind: "generated", seed, events })).domain;
  assertEquals(await made(DEFAULT_DEMO.seed, DEFAULT_DEMO.events), "pulse.example");
  const names = [await made(42, 6000), await made(42, 600), await made(7, 6000)];
  assertEquals(new Set(names).size, 3);
});

Deno.test("a made-up stream announces as many frames as it plays", async () => {
  const { source, frames } = await demoSource({ kind: "generated", seed: 3, events: 77 });
  const played = await Array.fromAsync(source.frames());
  assertEquals(played.length, frames);
  assert(played.some(({ payload }) => payload?.includes("seed-3-of-77.pulse.example")));
});
