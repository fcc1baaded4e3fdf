import { assert, assertEquals } from "@std/assert";
import { testDatabase } from "../db/_test_database.ts";
import { NOON, remove, update } from "./_story.ts";
import { readPrior } from "./prior_store.ts";

Deno.test("tombstones of new toots are found, however many lie between their ids", async () => {
  await using db = await testDatabase();
  const bury = (from: number, to: number) =>
    db.query(
      `INSERT INTO masto.tombstones (instance, id, deleted_at)
       SELECT 'a.example', n, now() FROM generate_series($1::int, $2::int, 2) n`,
      [from, to],
    );
  const events = [
    update("10000"),
    update("2"),
    update("3"),
    update("3", { instance: "b.example" }),
  ];
  const found = async () => {
    const { tombstones } = await readPrior(db, { events, assumeNew: true });
    return ["a.example 2", "a.example 3", "a.example 10000", "b.example 3"]
      .filter((key) => tombstones.has(key));
  };
  assertEquals(await found(), []);
  await bury(3, 3);
  assertEquals(await found(), ["a.example 3"]);
  // More than are read as a range: the odd ones.
  await bury(5, 9999);
  await bury(10_000, 10_000);
  assertEquals(await found(), ["a.example 3", "a.example 10000"]);
});

Deno.test("deletes and edits are looked up by their ids, wherever those lie", async () => {
  await using db = await testDatabase();
  await db.query(
    `INSERT INTO masto.tombstones (instance, id, deleted_at)
     SELECT 'a.example', n, now() FROM unnest($1::int8[]) n`,
    [["1", "500", "9223372036854775807"]],
  );
  const edited_at = new Date(NOON).toISOString();
  const events = [update("499"), remove("9223372036854775807"), update("1", { edited_at })];
  const { tombstones } = await readPrior(db, { events, assumeNew: true });
  assert(tombstones.has("a.example 9223372036854775807") && tombstones.has("a.example 1"));
  assert(!tombstones.has("a.example 500"), "no toot of the batch lies about it");
});
