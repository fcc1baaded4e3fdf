import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { testDatabase } from "../db/_test_database.ts";
import { anySteps, play } from "./_play.ts";
import { playDatabase } from "./_play_database.ts";
import { layOut, shuffled, story } from "./_story.ts";
import { readTables } from "./_tables.ts";

Deno.test("the tables of the database are those of the model, whatever happens", async () => {
  await fc.assert(
    fc.asyncProperty(
      shuffled(story({ spreadMs: 300_000, poison: true })),
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom(60_000, 7_000),
      anySteps({ idle: true }),
      async (values, partitions, windowMs, steps) => {
        await using db = await testDatabase();
        const log = layOut(values, partitions);
        const options = { windowMs, graceMs: 30_000, steps };
        await playDatabase(db, log, options);
        assertEquals(await readTables(db), play(log, options).tables());
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("so they are where toots share uris and edits change them", async () => {
  await fc.assert(
    fc.asyncProperty(
      shuffled(story({ spreadMs: 300_000, sharedUris: true })),
      fc.integer({ min: 1, max: 2 }),
      anySteps(),
      async (values, partitions, steps) => {
        await using db = await testDatabase();
        const log = layOut(values, partitions);
        const options = { windowMs: 60_000, graceMs: 30_000, steps };
        await playDatabase(db, log, options);
        assertEquals(await readTables(db), play(log, options).tables());
      },
    ),
    { numRuns: 40 },
  );
});
