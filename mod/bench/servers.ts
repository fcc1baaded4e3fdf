/**
 * A real broker and a real database for a bench, and jobs that run against them.
 *
 * @module
 */
import { parsePgUrl } from "../config/pg_url.ts";
import type { Database } from "../db/database.ts";
import { migrate, readMigrations } from "../db/migrations.ts";
import { openPostgres } from "../db/postgres.ts";
import type { EventLog } from "../log/event_log.ts";
import { openKafkaLog } from "../log/kafka_log.ts";
import { ERROR_TOPIC_MAX_BYTES } from "../log/dead_letter.ts";
import { startKafka, startPostgres } from "../testing/mod.ts";

/** Servers with the topics and the schema in place. */
export interface BenchServers extends AsyncDisposable {
  readonly log: EventLog;
  readonly db: Database;
  /** Environment of a job that is to use them. */
  readonly env: Readonly<Record<string, string>>;
  /** Makes a fresh topic and empties the tables. */
  reset(topic: string): Promise<void>;
}

/** Partitions of a bench's topic. */
export const PARTITIONS = 4;

/** Starts both servers in temporary folders, on free ports. */
export async function startServers(): Promise<BenchServers> {
  await using starting = new AsyncDisposableStack();
  const kafka = starting.use(await startKafka());
  const postgres = starting.use(await startPostgres());
  const address = parsePgUrl(postgres.url);
  if (address === null) throw new Error(`Cannot read the test server's address "${postgres.url}"`);
  const db = starting.use(openPostgres(address));
  await migrate(db, await readMigrations());
  const log = starting.use(await openKafkaLog({ brokers: [kafka.bootstrap] }));
  const servers = starting.move();
  return {
    log,
    db,
    env: {
      KAFKA_BROKERS: kafka.bootstrap,
      PG_URL: postgres.url,
      IDLE_TIMEOUT_S: "3600",
      LOG_LEVEL: "warning",
    },
    async reset(topic) {
      await log.createTopics([
        { name: topic, partitions: PARTITIONS },
        { name: `${topic}_errors`, partitions: 1, maxMessageBytes: ERROR_TOPIC_MAX_BYTES },
      ]);
      await db.script(
        `TRUNCATE masto.toots_raw, masto.toots_sentiment, masto.toot_metrics_sums,
           masto.user_length_sums, masto.sentiment_sums, masto.stream_progress, masto.tombstones,
           masto.late_events, masto.window_clock`,
      );
      // Neither the emptied tables' files nor their statistics may count for or against a run.
      await db.script("CHECKPOINT");
    },
    [Symbol.asyncDispose]: () => servers.disposeAsync(),
  };
}
