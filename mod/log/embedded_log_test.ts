import type { Database } from "../db/database.ts";
import { openEmbedded } from "../db/embedded.ts";
import { migrate, readMigrations } from "../db/migrations.ts";
import { testConformance } from "./_conformance.ts";
import { embeddedLog } from "./embedded_log.ts";

let db: Database;

Deno.test.beforeAll(async () => {
  db = await openEmbedded(null);
  await migrate(db, await readMigrations());
});

Deno.test.afterAll(async () => {
  await db[Symbol.asyncDispose]();
});

testConformance("embedded log", () => Promise.resolve(embeddedLog(db, { pollMs: 20 })));
