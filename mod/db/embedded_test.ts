import { assertEquals, assertRejects } from "@std/assert";
import { testConformance } from "./_conformance.ts";
import { testDatabase, testImage } from "./_test_database.ts";
import { openEmbedded } from "./embedded.ts";
import { OwnedError } from "./owner_lock.ts";

testConformance("embedded database", testDatabase);

Deno.test("openEmbedded() keeps a folder for its owner, and gives it up in the end", async () => {
  const parent = await Deno.makeTempDir();
  const folder = `${parent}/deep/er/pg`;
  try {
    {
      await using db = await openEmbedded(folder, { image: await testImage() });
      await db.script("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)");
      await assertRejects(() => openEmbedded(folder), OwnedError, `process ${Deno.pid}`);
      if (Deno.build.os !== "windows") {
        assertEquals(((await Deno.stat(folder)).mode ?? 0) & 0o777, 0o700);
      }
    }
    await using db = await openEmbedded(folder);
    assertEquals(await db.query("SELECT n FROM kept"), [{ n: 7 }]);
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
});

Deno.test("openEmbedded() does not keep the lock of a folder that it cannot open", async () => {
  const parent = await Deno.makeTempDir();
  const folder = `${parent}/pg`;
  try {
    await Deno.mkdir(folder);
    await Deno.writeTextFile(`${folder}/PG_VERSION`, "no database\n");
    for (let i = 0; i < 2; i++) {
      const error = await assertRejects(() => openEmbedded(folder));
      assertEquals(error instanceof OwnedError, false);
    }
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
});
