import { assert, assertEquals, assertRejects } from "@std/assert";
import { testImage } from "./_test_database.ts";
import { openEmbedded } from "./embedded.ts";
import { makeWhole } from "./_first_start.ts";

const names = async (folder: string) =>
  (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();

Deno.test("a folder that was left unfinished is made anew", async () => {
  const parent = await Deno.makeTempDir();
  const folder = `${parent}/pg`;
  await Deno.mkdir(folder);
  await assertRejects(
    () =>
      makeWhole(folder, async () => {
        await Deno.mkdir(`${folder}/base`);
        await Deno.writeTextFile(`${folder}/base/half`, "");
        throw new Error("Killed");
      }),
    Error,
    "Killed",
  );
  assertEquals(await names(parent), ["pg", "pg.unfinished"]);
  const seen = await makeWhole(folder, async () => {
    const before = await names(folder);
    await Deno.writeTextFile(`${folder}/whole`, "");
    return before;
  });
  assertEquals(seen, []);
  assertEquals(await names(parent), ["pg"]);
  assertEquals(await names(folder), ["whole"]);
  await Deno.remove(parent, { recursive: true });
});

Deno.test("a whole folder is left as it is, also when it cannot be opened", async () => {
  const parent = await Deno.makeTempDir();
  const folder = `${parent}/pg`;
  await Deno.mkdir(folder);
  await Deno.writeTextFile(`${folder}/whole`, "");
  const fail = () => Promise.reject(new Error("Disk on fire"));
  await assertRejects(() => makeWhole(folder, fail), Error, "Disk on fire");
  assertEquals(await names(parent), ["pg"]);
  assertEquals(await names(folder), ["whole"]);
  await Deno.remove(parent, { recursive: true });
});

Deno.test("a database whose making was killed near its end opens, and keeps what it is told", async () => {
  const parent = await Deno.makeTempDir();
  const folder = `${parent}/pg`;
  const image = await testImage();
  {
    await using db = await openEmbedded(folder, { image });
    assertEquals(await names(parent), ["pg", "pg.lock"]);
    await db.query("SELECT 1");
  }
  // As the kill leaves it: PostgreSQL's version is written, what belongs to it is not.
  for (const name of await names(folder)) {
    if (name !== "PG_VERSION") await Deno.remove(`${folder}/${name}`, { recursive: true });
  }
  await Deno.writeTextFile(`${folder}.unfinished`, "");
  {
    await using db = await openEmbedded(folder, { image });
    await db.script("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)");
  }
  {
    await using db = await openEmbedded(folder);
    assertEquals(await db.query("SELECT n FROM kept"), [{ n: 7 }]);
    assert(!(await names(parent)).includes("pg.unfinished"));
  }
  await Deno.remove(parent, { recursive: true });
});
