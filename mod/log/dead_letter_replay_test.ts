import { openEmbedded } from "../db/embedded.ts";
import { migrate, readMigrations } from "../db/migrations.ts";
import { testDeadLetters } from "./_dead_letter_scenario.ts";
import { embeddedLog } from "./embedded_log.ts";

testDeadLetters("embedded log", async () => {
  const db = await openEmbedded(null);
  await migrate(db, await readMigrations());
  return {
    db,
    log: embeddedLog(db, { pollMs: 20 }),
    [Symbol.asyncDispose]: () => db[Symbol.asyncDispose](),
  };
});
