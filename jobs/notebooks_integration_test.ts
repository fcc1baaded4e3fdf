import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { startTask } from "../mod/testing/mod.ts";

const FOLDER = "notebooks";

Deno.test("every notebook runs from top to bottom in a real kernel", async () => {
  await using job = await startTask("notebooks", ["--check"]);
  const { code } = await job.end();
  assertEquals(code, 0, job.output);
  for await (const { name } of Deno.readDir(FOLDER)) {
    if (name.endsWith(".ipynb")) assertMatch(job.output, new RegExp(`^${name}: ok`, "m"));
  }
});

/** Runs the real task over one more notebook, whose only code cell is this one. */
async function runWith(source: string, tags: string[]): Promise<{ code: number; output: string }> {
  const name = `test_${crypto.randomUUID()}`;
  const path = join(FOLDER, `${name}.ipynb`);
  const notebook = {
    cells: [{
      cell_type: "code",
      execution_count: null,
      id: "only",
      metadata: { tags },
      outputs: [],
      source: [source],
    }],
    metadata: { kernelspec: { display_name: "Deno", language: "typescript", name: "deno" } },
    nbformat: 4,
    nbformat_minor: 5,
  };
  await Deno.writeTextFile(path, JSON.stringify(notebook));
  try {
    await using job = await startTask("notebooks", ["--check", "--only", name]);
    const { code } = await job.end();
    return { code, output: job.output };
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("a broken cell and a missing figure make the notebooks fail", async () => {
  const broken = await runWith('throw new Error("broken on purpose")', []);
  assertEquals(broken.code, 1, broken.output);
  assertMatch(broken.output, /cell 1 failed: .*broken on purpose/);
  const blank = await runWith("1 + 1", ["figure"]);
  assertEquals(blank.code, 1, blank.output);
  assertMatch(blank.output, /cell 1 shows no figure/);
  const sound = await runWith("1 + 1", []);
  assert(sound.code === 0, sound.output);
});
