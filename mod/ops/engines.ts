/**
 * Opens the log and the database that the configuration asks for.
 *
 * @module
 */
import type { Config } from "../config/config.ts";
import type { Database } from "../db/database.ts";
import { DatabaseUnusableError, explainDatabaseError } from "../db/database_errors.ts";
import { openEmbedded } from "../db/embedded.ts";
import { migrate, readMigrations } from "../db/migrations.ts";
import { patient } from "../db/outage.ts";
import { openPostgres } from "../db/postgres.ts";
import { ERROR_TOPIC_MAX_BYTES } from "../log/dead_letter.ts";
import { embeddedLog } from "../log/embedded_log.ts";
import type { EventLog, TopicSpec } from "../log/event_log.ts";
import type { LogLevel } from "../log/kafka_log.ts";
import { loggerOf } from "./logging.ts";

/**
 * The database, with the schema up to date.
 *
 * @throws {DatabaseUnusableError} if it is away or does not let us in
 */
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
    const line = explainDatabaseError(error);
    throw line === null ? error : new DatabaseUnusableError(line, { cause: error });
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

/** The settings that lead to Kafka. */
type KafkaSettings = Pick<
  Config,
  | "KAFKA_BROKERS"
  | "KAFKA_SSL"
  | "KAFKA_SASL_MECHANISM"
  | "KAFKA_SASL_USERNAME"
  | "KAFKA_SASL_PASSWORD"
>;

/**
 * The log on Kafka; null if the configuration names no brokers.
 *
 * @param options.fetchBytes most bytes of one partition in one fetch; see {@linkcode openKafkaLog}
 */
export async function openKafka(
  config: KafkaSettings,
  options: { readonly fetchBytes?: number } = {},
): Promise<EventLog | null> {
  const { KAFKA_BROKERS: brokers, KAFKA_SSL: tls } = config;
  if (brokers === null) return null;
  const mechanism = config.KAFKA_SASL_MECHANISM;
  const username = config.KAFKA_SASL_USERNAME;
  const password = config.KAFKA_SASL_PASSWORD;
  const login = mechanism === null || username === null || password === null
    ? null
    : { mechanism, username, password };
  // Loaded when it is needed: it takes a tenth of a second, which most first runs can do without.
  const { openKafkaLog } = await import("../log/kafka_log.ts");
  return await openKafkaLog({ ...options, brokers, tls, login, log: sayKafka });
}

function sayKafka(level: LogLevel, message: string): void {
  say("kafka", { level, message });
}

function say(
  category: string,
  { level, message }: { level: LogLevel; message: string },
): void {
  const logger = loggerOf(category);
  // Braces would be taken for places to fill.
  const text = message.replaceAll("{", "{{").replaceAll("}", "}}");
  switch (level) {
    case "debug":
      return logger.debug(text);
    case "info":
      return logger.info(text);
    case "warning":
      return logger.warn(text);
    case "error":
      return logger.error(text);
  }
}

/** The log and the database; disposing it closes both. */
export interface Engines extends AsyncDisposable {
  readonly db: Database;
  readonly log: EventLog;
}

/**
 * Opens both engines. The embedded log's topics are made on the way; Kafka's need `topics`.
 *
 * With `outlast` the outages of a PostgreSQL server are waited out until that signal aborts, which
 * only work may ask for that can be done twice; see {@linkcode patient}.
 */
export async function openEngines(
  config: Config,
  { outlast, ...reading }: { outlast?: AbortSignal; fetchBytes?: number } = {},
): Promise<Engines> {
  await using opened = new AsyncDisposableStack();
  const kafka = await openKafka(config, reading);
  if (kafka !== null) opened.use(kafka);
  const found = opened.use(await openDatabase(config));
  const tell = (level: LogLevel, message: string) => say("db", { level, message });
  const db = outlast === undefined || found.engine === "pglite"
    ? found
    : patient(found, { signal: outlast, log: tell });
  const log = kafka ?? embeddedLog(db);
  if (kafka === null) await log.createTopics(topicSpecs(config));
  const all = opened.move();
  return { db, log, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
