import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { testDatabase } from "../db/_test_database.ts";
import type { Database } from "../db/database.ts";
import type { LogRecord } from "../log/event_log.ts";
import { encodeEvent } from "../mastodon/wire.ts";
import { play } from "./_play.ts";
import { batchOf, processorOptions } from "./_play_database.ts";
import { layOut, NOON, shuffled, story, testScore, update } from "./_story.ts";
import { readTables } from "./_tables.ts";
import { claimWindows } from "./finality.ts";
import { StreamProcessor } from "./processor.ts";
import { rescore, type RescoreOptions } from "./rescore.ts";

const OPTIONS = { windowMs: 60_000, graceMs: 30_000 };

const rules: RescoreOptions = {
  scorer: { version: "m1", score: testScore },
  languages: ["en", "de"],
};

/** Works through a log without scoring anything. */
async function processUnscored(db: Database, log: readonly LogRecord[][]): Promise<void> {
  await claimWindows(db, { group: "g", windowS: 60 });
  const processor = new StreamProcessor(processorOptions(db, { ...OPTIONS, scorer: null }));
  await processor.positions([...log.keys()]);
  for (const partition of log.keys()) await processor.process(batchOf(log, { partition }));
}

Deno.test("what is scored later ends in the tables of what was scored at once", async () => {
  await fc.assert(
    fc.asyncProperty(
      shuffled(story({ spreadMs: 300_000 })),
      fc.integer({ min: 1, max: 3 }),
      async (values, batchSize) => {
        await using db = await testDatabase();
        const log = layOut(values, 2);
        await processUnscored(db, log);
        const { written } = await rescore(db, { ...rules, batchSize });
        const tables = await readTables(db);
        assertEquals(tables, play(log, OPTIONS).tables());
        assertEquals(written, tables.toots_sentiment.length);
        assertEquals((await rescore(db, { ...rules, batchSize })).written, 0);
        assertEquals(await readTables(db), tables);
      },
    ),
    { numRuns: 20 },
  );
});

Deno.test("a newer model's predictions replace the older one's, windows included", async () => {
  await using db = await testDatabase();
  const at = (ms: number) => ({ created_at: new Date(NOON + ms).toISOString() });
  const events = [
    update("1", { text: "tea", ...at(600_000) }),
    update("2", { text: "tea", ...at(0) }),
    update("3", { text: "Tee", lang: "de", ...at(600_000) }),
    update("4", { text: "thé", lang: "fr", ...at(600_000) }),
    update("5", { text: "?", lang: "und", ...at(600_000) }),
    update("6", { text: "", ...at(600_000) }),
  ];
  await processUnscored(db, layOut(events.map(encodeEvent), 1));
  const progress: number[][] = [];
  const first = await rescore(db, {
    ...rules,
    batchSize: 2,
    onProgress: ({ looked, total, written }) => progress.push([looked, total, written]),
  });
  assertEquals(first, { written: 3, skipped: new Map([["fr", 1]]), unrecognised: 1 });
  assertEquals(progress, [[2, 4, 2], [4, 4, 3]]);
  const sure = { probability: 0.9, label: "positive" } as const;
  const second = await rescore(db, {
    ...rules,
    scorer: { version: "m2", score: (_, lang) => lang === "und" ? null : { lang, ...sure } },
  });
  assertEquals(second.written, 3);
  const tables = await readTables(db);
  assertEquals(tables.toots_sentiment.map((row) => [row.id, row.model_version, row.prob_pos]), [
    ["1", "m2", 0.9],
    ["2", "m2", 0.9],
    ["3", "m2", 0.9],
  ]);
  // The late one is scored and stands in no window.
  assertEquals(
    tables.sentiment_windowed.map((row) => [row.lang, row.n_scored, row.n_pos, row.avg_prob_pos]),
    [["de", 1, 1, 0.9], ["en", 1, 1, 0.9]],
  );
});

Deno.test("scoring that is told to end leaves whole batches, and goes on where it ended", async () => {
  await using db = await testDatabase();
  const log = layOut(Array.from({ length: 9 }, (_, i) => encodeEvent(update(`${i}`))), 1);
  await processUnscored(db, log);
  const stop = new AbortController();
  const onProgress = () => stop.abort();
  const { written } = await rescore(db, {
    ...rules,
    batchSize: 4,
    signal: stop.signal,
    onProgress,
  });
  assertEquals(written, 4);
  assertEquals((await rescore(db, rules)).written, 5);
  assertEquals(await readTables(db), play(log, OPTIONS).tables());
});
