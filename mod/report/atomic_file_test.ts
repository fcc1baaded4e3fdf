import { assertEquals, assertRejects } from "@std/assert";
import { replaceFile } from "./atomic_file.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

async function* broken() {
  yield bytes("half of it");
  await Promise.resolve();
  throw new Error("the source broke");
}

Deno.test("replaceFile() leaves the old file when the content fails", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/deep/er/a.csv`;
    await replaceFile(path, [bytes("old")]);
    await assertRejects(() => replaceFile(path, broken()), Error, "the source broke");
    assertEquals(await Deno.readTextFile(path), "old");
    const names = (await Array.fromAsync(Deno.readDir(`${folder}/deep/er`))).map((e) => e.name);
    assertEquals(names, ["a.csv"]);
    await replaceFile(path, [bytes("new "), bytes("one")]);
    assertEquals(await Deno.readTextFile(path), "new one");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
