import { assertEquals } from "@std/assert";
import { testDatabase } from "../db/_test_database.ts";
import { Bookkeeper } from "./bookkeeper.ts";
import { readGaps, readIngestPositions } from "./ingest_store.ts";

Deno.test("Bookkeeper saves a gap whatever a server has said of it, and all positions with it", async () => {
  await using db = await testDatabase();
  const errors: unknown[] = [];
  const books = new Bookkeeper(db, { onError: (error) => errors.push(error) });
  books.gap({
    instance: "a.example",
    stream: "public",
    fromId: "1",
    toId: "2",
    fromMs: 0,
    toMs: 1,
    reason: "It says: a\u0000b\ud800",
    outcome: "failed",
    detail: "\u0000",
    fetched: 0,
    filled: 0,
    isOpen: true,
  });
  const baseUrl = "https://b.example";
  books.advance({ instance: "b.example", stream: "public", baseUrl, lastId: "5", seenMs: 1 });
  assertEquals([await books.save(), errors], [true, []]);
  const [gap] = await readGaps(db);
  assertEquals([gap?.reason, gap?.detail], ["It says: a\ufffdb\ufffd", "\ufffd"]);
  assertEquals((await readIngestPositions(db)).map(({ lastId }) => lastId), ["5"]);
});
