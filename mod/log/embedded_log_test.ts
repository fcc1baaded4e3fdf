import { assert, assertEquals, assertRejects } from "@std/assert";
import { testDatabase } from "../db/_test_database.ts";
import type { Database, SqlValue } from "../db/database.ts";
import { testConformance } from "./_conformance.ts";
import { consumeUntil, drain, readAll, topicName } from "./_log_probe.ts";
import { embeddedLog, type EmbeddedLogOptions } from "./embedded_log.ts";
import type { EventLog, NewRecord } from "./event_log.ts";

async function open(options: EmbeddedLogOptions = {}): Promise<EventLog> {
  return embeddedLog(await testDatabase(), { pollMs: 20, ...options });
}

testConformance("embedded log", () => open());

/** A database that hears of every array of bytes that is sent to it. */
function watched(db: Database, onBytes: (lengths: number[]) => void): Database {
  const look = (params: readonly SqlValue[] = []) => {
    for (const param of params) {
      if (!Array.isArray(param)) continue;
      const bytes = param.filter((value) => value instanceof Uint8Array);
      if (bytes.length > 0) onBytes(bytes.map(({ length }) => length));
    }
  };
  return {
    ...db,
    transaction: (work) =>
      db.transaction((tx) =>
        work({
          ...tx,
          query: (text, params) => {
            look(params);
            return tx.query(text, params);
          },
        })
      ),
  };
}

Deno.test("append() sends no more at once than a statement can take, and keeps the order", async () => {
  const db = await testDatabase();
  const sent: number[][] = [];
  const log = embeddedLog(watched(db, (lengths) => sent.push(lengths)), { maxBytes: 1000 });
  const name = topicName();
  await log.createTopics([{ name, partitions: 1 }]);
  const sizes = [0, 400, 600, 1, 5000, 999, 1, 1000, 0, 0];
  const records = sizes.map((size, i): NewRecord => ({ key: String(i), value: "x".repeat(size) }));
  await log.append(name, records);
  assertEquals(sent, [[0, 400, 600], [1], [5000], [999, 1], [1000, 0, 0]]);
  const found = await readAll(log, name);
  assertEquals(found.map(({ offset, key }) => [offset, key]), sizes.map((_, i) => [i, String(i)]));
});

Deno.test("consume() takes no more into memory at once than it may, and tells the true end", async () => {
  const log = await open({ maxBytes: 1000 });
  const name = topicName();
  await log.createTopics([{ name, partitions: 1 }]);
  const sizes = [400, 400, 400, 5000, 10, 10];
  await log.append(name, sizes.map((size) => ({ key: "k", value: "x".repeat(size) })));
  const seen = await drain(log, { topic: name, from: new Map(), maxBatchRecords: 100 });
  assertEquals(seen.batches.map(({ records }) => records), [3, 1, 2]);
  assert(seen.batches.every(({ endOffset }) => endOffset === sizes.length));
  assertEquals(seen.offsets.get(0), sizes.map((_, i) => i));
});

Deno.test("keys and headers that PostgreSQL cannot hold do not stop an append", async () => {
  const log = await open();
  const name = topicName();
  await log.createTopics([{ name, partitions: 3 }]);
  const bad = { key: "a\u0000\ud800", value: "\u0000", headers: { "r\u0000": "\u0000\udc00" } };
  await log.append(name, [{ key: "1", value: "one" }, bad]);
  const found = await readAll(log, name);
  assertEquals(found.length, 2);
  const mended = found.find(({ key }) => key === "a\ufffd\ufffd");
  assertEquals(mended?.headers, { "r\ufffd": "\ufffd\ufffd" });
  assertEquals(mended?.value, new TextEncoder().encode("\u0000"));
});

Deno.test("an append that fails leaves nothing, not even a gap", async () => {
  const db = await testDatabase();
  const log = embeddedLog(db);
  const name = topicName();
  await log.createTopics([{ name, partitions: 2 }]);
  await log.append(name, [{ key: "1", value: "before" }]);
  const records = Array.from({ length: 20 }, (_, i) => ({ key: `${i}`, value: "x" }));
  const broken: Database = {
    ...db,
    transaction: (work) =>
      db.transaction(async (tx) => {
        await work(tx);
        throw new Error("Power cut");
      }),
  };
  await assertRejects(() => embeddedLog(broken).append(name, records), Error, "Power cut");
  await log.append(name, records);
  for (const [partition, { end }] of await log.offsets(name)) {
    const found = await log.read(name, { partition, from: 0, limit: 100 });
    assertEquals(found.map(({ offset }) => offset), Array.from({ length: end }, (_, i) => i));
  }
  assertEquals((await readAll(log, name)).length, 21);
});

Deno.test("a consumer wakes for appends of this process at once, and polls for those of others", async () => {
  const db = await testDatabase();
  // It polls once an hour: only the wake-up can be what brings the record.
  const log = embeddedLog(db, { pollMs: 3_600_000 });
  const name = topicName();
  await log.createTopics([{ name, partitions: 1 }]);
  let seen = 0;
  const consume = (reader: EventLog) =>
    consumeUntil(reader, {
      topic: name,
      tickMs: 3_600_000,
      positions: () => Promise.resolve(new Map([[0, seen]])),
      onBatch: ({ records }) => Promise.resolve(void (seen += records.length)),
      until: () => seen > 0,
    });
  const consumed = consume(log);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await log.append(name, [{ key: "1", value: "x" }]);
  await consumed;

  seen = 0;
  const polling = consume(embeddedLog(db, { pollMs: 10 }));
  await log.append(name, [{ key: "1", value: "y" }]);
  await polling;
  assertEquals(seen, 2);
});

Deno.test("records carry the log's own clock", async () => {
  const log = await open({ now: () => 1_767_610_800_123 });
  const name = topicName();
  await log.createTopics([{ name, partitions: 1 }]);
  await log.append(name, [{ key: null, value: "x" }]);
  assertEquals((await readAll(log, name)).map(({ timestamp }) => timestamp), [1_767_610_800_123]);
});
