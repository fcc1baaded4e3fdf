import { assertEquals, assertRejects } from "@std/assert";
import { Ledger } from "./ledger.ts";
import { replaySource } from "./replay.ts";

async function withFile(text: string, use: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile({ suffix: ".jsonl" });
  try {
    await Deno.writeTextFile(path, text);
    await use(path);
  } finally {
    await Deno.remove(path);
  }
}

const STATUS = JSON.stringify({
  id: "115000000000000001",
  created_at: "2026-01-05T10:00:00.000Z",
  visibility: "public",
  content: "<p>naïve 猫</p>",
  account: { id: "1", acct: "a@b.example" },
  tags: [{ name: "cats" }, null, { name: 4 }],
});

Deno.test("replaySource: each line is an update, as it stands in the file", async () => {
  await withFile(`${STATUS}\r\n\nnot json\n{"id":5}\n${STATUS}`, async (path) => {
    const frames = await Array.fromAsync(replaySource(path).frames());
    assertEquals(frames.map(({ payload }) => payload), [
      STATUS,
      "",
      "not json",
      '{"id":5}',
      STATUS,
    ]);
    assertEquals(frames.map(({ index }) => index), [0, 1, 2, 3, 4]);
    assertEquals(frames[0]?.statusId, "115000000000000001");
    assertEquals(frames[0]?.status?.tags, [{ name: "cats" }]);
    assertEquals(frames[0]?.at, Date.parse("2026-01-05T10:00:00Z"));
    const ledger = new Ledger();
    for (const frame of frames) ledger.record(frame);
    const { originals, duplicates, malformed } = ledger.counts;
    assertEquals([originals, duplicates], [1, 1]);
    assertEquals([malformed.payload_not_json, malformed.not_a_status], [2, 1]);
  });
});

Deno.test("replaySource: text that spans the read buffer comes whole", async () => {
  const lines = Array.from({ length: 3000 }, (_, i) => `{"id":"${i}","é":"${"ü".repeat(i % 97)}"}`);
  await withFile(lines.join("\n") + "\n", async (path) => {
    const frames = await Array.fromAsync(replaySource(path).frames());
    assertEquals(frames.map(({ payload }) => payload), lines);
  });
});

Deno.test("replaySource: an empty file is an empty stream, a missing one an error", async () => {
  await withFile("", async (path) => {
    assertEquals(await Array.fromAsync(replaySource(path).frames()), []);
  });
  await assertRejects(
    () => Array.fromAsync(replaySource("/no/such/file").frames()),
    Deno.errors.NotFound,
  );
});
