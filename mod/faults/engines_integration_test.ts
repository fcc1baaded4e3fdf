import { assertEquals, assertGreater } from "@std/assert";
import { type Config, parseConfig } from "../config/config.ts";
import { openEngines } from "../ops/engines.ts";
import { runStreamJob } from "../ops/stream_job.ts";
import { simulatedRecords } from "./_records.ts";
import { appendAll, startRig } from "./_rig.ts";
import { assertSameTables, dump, type Tables } from "./_tables.ts";

/**
 * What differs between two logs of the same input: when it arrived there, and where it lies. What
 * each partition came to is compared as a sum.
 */
const PLACE = ["ingested_at", "deleted_at", "seen_at", "topic", "partition", "record_offset"];
const SUMS = [
  "next_offset",
  "n_records",
  "n_dead_letters",
  "n_toots",
  "n_duplicates",
  "n_copies",
  "n_edits",
  "n_stale",
  "n_deletes",
  "n_unknown",
  "n_after_delete",
  "n_late",
];

Deno.test("the same input gives equal tables on every engine and number of partitions", async () => {
  await using rig = await startRig();
  // Everything within the grace: what is late depends on how the log is partitioned.
  const records = simulatedRecords({ seed: 9, events: 12_000, rates: { late: 0 } });
  const folder = await Deno.makeTempDir({ prefix: "mastodon-pulse-engines-" });
  const common = { IDLE_TIMEOUT_S: "0", SENTIMENT_LANGS: "en,de" };
  try {
    const found = new Map<string, Tables>();
    for (const partitions of [1, 4]) {
      const data = `${folder}/${partitions}`;
      const embedded = { ...common, DATA_DIR: data, KAFKA_PARTITIONS: String(partitions) };
      found.set(
        `the embedded engines with ${partitions}`,
        await play(parseConfig(embedded), async (config) => {
          await using engines = await openEngines(config);
          await appendAll(engines.log, { topic: config.KAFKA_TOPIC, records });
        }),
      );
      const topics = await rig.makeTopics(partitions);
      const place = await rig.makePlace();
      await appendAll(rig.log, { topic: topics.topic, records });
      const real = { ...rig.env(place, topics), ...common, DATA_DIR: data };
      found.set(`Kafka and PostgreSQL with ${partitions}`, await play(parseConfig(real)));
    }
    const [[first, expected] = ["", new Map()], ...others] = found;
    for (const name of ["toots_raw", "toots_sentiment", "tombstones", "sentiment_windowed"]) {
      assertGreater(expected.get(name)?.length ?? 0, 50, name);
    }
    assertEquals(expected.get("late_events"), []);
    for (const [name, tables] of others) {
      assertSameTables(tables, expected, { what: `${name} partitions, held to ${first},` });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Runs the stream job over a log, and gives what it left in the tables. */
async function play(
  config: Config,
  fill: (config: Config) => Promise<void> = () => Promise.resolve(),
): Promise<Tables> {
  await fill(config);
  await runStreamJob(config, {
    once: true,
    sentiment: true,
    onBatch: () => {},
    signal: AbortSignal.timeout(120_000),
  });
  await using engines = await openEngines(config);
  const tables = new Map(
    await dump(engines.db, { without: [...PLACE, "stream_progress"] }),
  );
  const sums = SUMS.map((name) => `sum(${name})::text AS ${name}`).join(", ");
  const rows = await engines.db.query(
    `SELECT ${sums}, max(max_event_time) AS newest FROM masto.stream_progress`,
  );
  const clock = await engines.db.query("SELECT window_s, final_until FROM masto.window_clock");
  tables.set("sums of stream_progress", rows.map((row) => JSON.stringify(row)));
  tables.set("window_clock", clock.map((row) => JSON.stringify(row)));
  return tables;
}
