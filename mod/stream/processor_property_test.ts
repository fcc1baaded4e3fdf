import { assertEquals, assertLess } from "@std/assert";
import fc from "fast-check";
import { testDatabase } from "../db/_test_database.ts";
import { anySteps, play } from "./_play.ts";
import { batchOf, playDatabase, processorOptions } from "./_play_database.ts";
import { layOut, shuffled, story } from "./_story.ts";
import { readTables } from "./_tables.ts";
import { claimWindows } from "./finality.ts";
import { StreamProcessor } from "./processor.ts";

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

Deno.test("so they are where batches of several partitions are committed together", async () => {
  const ids = Array.from({ length: 30 }, (_, i) => String(i + 1));
  const toots = { min: 15, max: 30 };
  const options = { windowMs: 60_000, graceMs: 30_000 };
  let [batches, commits] = [0, 0];
  await fc.assert(
    fc.asyncProperty(
      shuffled(story({ spreadMs: 300_000, poison: true, ids, toots })),
      fc.integer({ min: 4, max: 9 }),
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
      async (values, partitions, sizes) => {
        await using db = await testDatabase();
        const log = layOut(values, partitions);
        await claimWindows(db, { group: "g", windowS: 60 });
        const counting: typeof db = {
          engine: db.engine,
          query: (text, params) => db.query(text, params),
          copyIn: (target, payload) => db.copyIn(target, payload),
          script: (text) => db.script(text),
          async transaction(work, options) {
            const result = await db.transaction(work, options);
            commits++;
            return result;
          },
          async [Symbol.asyncDispose]() {},
        };
        const processor = new StreamProcessor(processorOptions(counting));
        await processor.positions([...log.keys()]);
        const steps = [];
        for (const size of [...sizes, Infinity]) {
          const taken = [...log.keys()].map((partition) =>
            batchOf(log, { partition, from: processor.nextOffset(partition) ?? 0, size })
          );
          await Promise.all(taken.map((batch) => processor.process(batch)));
          for (const { partition, records } of taken) {
            const calm = { fate: "done", finalize: false, idle: false } as const;
            steps.push({ partition, size: records.length, ...calm });
            if (records.length > 0) batches++;
          }
        }
        const expected = play(log, { ...options, steps }).tables();
        assertEquals(await readTables(db), expected);
      },
    ),
    { numRuns: 40 },
  );
  assertLess(commits, batches * 0.9, "hardly any were committed together");
});
