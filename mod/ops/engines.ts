/**
 * Opens the log and the database that the configuration asks for.
 *
 * @module
 */
import type { Config } from "../config/config.ts";
import type { Database } from "../db/database.ts";
import { openEmbedded } from "../db/embedded.ts";
import { migrate, readMigrations } from "../db/migrations.ts";
import { openPostgres } from "../db/postgres.ts";
import { ERROR_TOPIC_MAX_BYTES } from "../log/dead_letter.ts";
import { embeddedLog } from "../log/embedded_log.ts";
import type { EventLog, TopicSpec } from "../log/event_log.ts";
import { loggerOf } from "./logging.ts";

/** The database, with the schema up to date. */
export async function openDatabase(
  config: Pick<Config, "PG_URL" | "DATA_DIR">,
): Promise<Database> {
  const logger = loggerOf("db");
  const db = config.PG_URL === null ? await openEmbedded(`${config.DATA_DIR}/pg`) : openPostgres(
    config.PG_URL,
    { onLost: (error) => logger.warn("Lost an idle connection: {why}", { why: error.message }) },
  );
  try {
    const applied = await migrate(db, await readMigrations());
    for (const name of applied) logger.debug("Applied migration {name}", { name });
    return db;
  } catch (error) {
    await db[Symbol.asyncDispose]();
    throw error;
  }
}

/** The topics that the project needs. */
export function topicSpecs(
  config: Pick<Config, "KAFKA_TOPIC" | "KAFKA_ERROR_TOPIC" | "KAFKA_PARTITIONS">,
): TopicSpec[] {
  return [
    { name: config.KAFKA_TOPIC, partitions: config.KAFKA_PARTITIONS },
    { name: config.KAFKA_ERROR_TOPIC, partitions: 1, maxMessageBytes: ERROR_TOPIC_MAX_BYTES },
  ];
}

/** The log and the database; disposing it closes both. */
export interface Engines extends AsyncDisposable {
  readonly db: Database;
  readonly log: EventLog;
}

/** Opens both engines. The embedded log's topics are made on the way; Kafka's need `topics`. */
export async function openEngines(config: Config): Promise<Engines> {
  const db = await openDatabase(config);
  const log = embeddedLog(db);
  await log.createTopics(topicSpecs(config));
  return {
    db,
    log,
    async [Symbol.asyncDispose]() {
      await log[Symbol.asyncDispose]();
      await db[Symbol.asyncDispose]();
    },
  };
}
