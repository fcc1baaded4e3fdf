import type { Database } from "../db/database.ts";
import { openTestDatabase } from "../db/_test_database.ts";
import { migrate, readMigrations } from "../db/migrations.ts";
import { testDeadLetters } from "./_dead_letter_scenario.ts";
import { embeddedLog } from "./embedded_log.ts";

let db: Database;

Deno.test.beforeAll(async () => {
  db = await openTestDatabase();
  await migrate(db, await readMigrations());
});

Deno.test.afterAll(async () => {
  await db[Symbol.asyncDispose]();
});

testDeadLetters("embedded log", () => {
  const log = embeddedLog(db, { pollMs: 20 });
  return Promise.resolve({ db, log, [Symbol.asyncDispose]: () => log[Symbol.asyncDispose]() });
});
