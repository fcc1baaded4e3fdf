/**
 * A real broker and a real PostgreSQL server for a fault test, with topics and databases of its own
 * making.
 *
 * @module
 */
import { parsePgUrl } from "../config/pg_url.ts";
import type { Database } from "../db/database.ts";
import { migrate, readMigrations } from "../db/migrations.ts";
import { openPostgres } from "../db/postgres.ts";
import { ERROR_TOPIC_MAX_BYTES } from "../log/dead_letter.ts";
import type { EventLog, NewRecord } from "../log/event_log.ts";
import { openKafkaLog } from "../log/kafka_log.ts";
import {
  type KafkaOptions,
  type KafkaServer,
  type PostgresOptions,
  type PostgresServer,
  startKafka,
  startPostgres,
} from "../testing/mod.ts";

/** A topic and where its dead letters go. */
export interface Topics {
  readonly topic: string;
  readonly errorTopic: string;
}

/** A database of its own on the test's server. */
export interface Place {
  readonly name: string;
  readonly url: string;
  readonly db: Database;
}

/** Both servers. */
export interface Rig extends AsyncDisposable {
  readonly kafka: KafkaServer;
  readonly postgres: PostgresServer;
  readonly log: EventLog;
  /** Makes a topic and its error topic. */
  makeTopics(partitions: number): Promise<Topics>;
  /** Makes an empty database with the schema. */
  makePlace(): Promise<Place>;
  /** The environment of a job that is to use a database and a topic. */
  env(place: Pick<Place, "url">, topics: Topics): Record<string, string>;
}

/** Starts both servers. */
export async function startRig(
  options: { kafka?: KafkaOptions; postgres?: PostgresOptions } = {},
): Promise<Rig> {
  await using starting = new AsyncDisposableStack();
  const kafka = starting.use(await startKafka(options.kafka));
  const postgres = starting.use(await startPostgres(options.postgres));
  const log = starting.use(await openKafkaLog({ brokers: [kafka.bootstrap] }));
  const started = starting.move();
  return {
    kafka,
    postgres,
    log,
    async makeTopics(partitions) {
      const topic = uniqueName("toots");
      const errorTopic = `${topic}_errors`;
      await log.createTopics([
        { name: topic, partitions },
        { name: errorTopic, partitions: 1, maxMessageBytes: ERROR_TOPIC_MAX_BYTES },
      ]);
      return { topic, errorTopic };
    },
    async makePlace() {
      const name = uniqueName("pulse");
      await postgres.psql(`CREATE DATABASE ${name}`);
      const url = Object.assign(new URL(postgres.url), { pathname: `/${name}` }).href;
      const db = started.use(openAt(url));
      await migrate(db, await readMigrations());
      return { name, url, db };
    },
    env: ({ url }, { topic, errorTopic }) => ({
      KAFKA_BROKERS: kafka.bootstrap,
      KAFKA_TOPIC: topic,
      KAFKA_ERROR_TOPIC: errorTopic,
      PG_URL: url,
      // A partition that wakes after being idle may find its window closed by the others, which
      // depends on when it woke: these tests compare tables.
      IDLE_TIMEOUT_S: "3600",
      LOG_LEVEL: "info",
    }),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** Opens a database by its address. */
export function openAt(url: string): Database {
  const address = parsePgUrl(url);
  if (address === null) throw new Error(`Cannot read the test server's address "${url}"`);
  return openPostgres(address);
}

/** A name that no other test uses, fit for a topic, a group and a database. */
export function uniqueName(kind: string): string {
  return `${kind}_${crypto.randomUUID().slice(0, 8)}`;
}

/** Appends records piece by piece, as many as fit a request. */
export async function appendAll(
  log: EventLog,
  { topic, records }: { topic: string; records: readonly NewRecord[] },
): Promise<void> {
  for (let from = 0; from < records.length; from += 2000) {
    await log.append(topic, records.slice(from, from + 2000));
  }
}
