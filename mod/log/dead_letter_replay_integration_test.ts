import { parsePgUrl } from "../config/pg_url.ts";
import { migrate, readMigrations } from "../db/migrations.ts";
import { openPostgres } from "../db/postgres.ts";
import { type KafkaServer, startKafka } from "../testing/kafka.ts";
import { type PostgresServer, startPostgres } from "../testing/postgres.ts";
import { testDeadLetters } from "./_dead_letter_scenario.ts";
import { openKafkaLog } from "./kafka_log.ts";

let kafka: KafkaServer;
let postgres: PostgresServer;

Deno.test.beforeAll(async () => {
  [kafka, postgres] = await Promise.all([startKafka(), startPostgres()]);
});

Deno.test.afterAll(async () => {
  await Promise.all([kafka[Symbol.asyncDispose](), postgres[Symbol.asyncDispose]()]);
});

testDeadLetters("Kafka and PostgreSQL", async () => {
  const address = parsePgUrl(postgres.url);
  if (address === null) throw new TypeError(`Not an address: ${postgres.url}`);
  const opened = new AsyncDisposableStack();
  const db = opened.use(openPostgres(address));
  const log = opened.use(await openKafkaLog({ brokers: [kafka.bootstrap] }));
  await db.script("DROP SCHEMA IF EXISTS masto CASCADE");
  await migrate(db, await readMigrations());
  return { db, log, [Symbol.asyncDispose]: () => opened.disposeAsync() };
});
