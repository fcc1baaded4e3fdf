import { openEmbedded } from "../db/embedded.ts";
import { migrate, readMigrations } from "../db/migrations.ts";
import { testConformance } from "./_conformance.ts";
import { embeddedLog } from "./embedded_log.ts";
import type { EventLog } from "./event_log.ts";

testConformance("embedded log", async (): Promise<EventLog> => {
  const db = await openEmbedded(null);
  await migrate(db, await readMigrations());
  const log = embeddedLog(db, { pollMs: 20 });
  return {
    engine: log.engine,
    createTopics: (specs) => log.createTopics(specs),
    append: (topic, records) => log.append(topic, records),
    offsets: (topic) => log.offsets(topic),
    read: (topic, options) => log.read(topic, options),
    consume: (options) => log.consume(options),
    async [Symbol.asyncDispose]() {
      await log[Symbol.asyncDispose]();
      await db[Symbol.asyncDispose]();
    },
  };
});
