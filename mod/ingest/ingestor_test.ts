import { assertEquals, assertGreater } from "@std/assert";
import { decodeEvent } from "../mastodon/wire.ts";
import { MemoryLog } from "./_memory_log.ts";
import { total } from "./ingest_counts.ts";
import { Ingestor, type IngestorOptions } from "./ingestor.ts";

const rules = {
  instance: "a.example",
  consent: "respect",
  pseudonym: null,
  keepRaw: false,
} as const;

function ingestor(log: MemoryLog, given: Partial<IngestorOptions> = {}): Ingestor {
  return new Ingestor({ log, topic: "events", errorTopic: "errors", rules, ...given });
}

function frame(event: string, payload: string): string {
  return JSON.stringify({ stream: ["public"], event, payload });
}

function status(id: string, fields: Record<string, unknown> = {}): string {
  return JSON.stringify({
    id,
    uri: `https://a.example/${id}`,
    created_at: "2026-01-05T10:00:00.000Z",
    content: "<p>tea</p>",
    visibility: "public",
    account: { acct: "ann" },
    ...fields,
  });
}

/** Ids of the events in a log, in the order of each partition. */
function ids(log: MemoryLog): string[] {
  return log.records().map(({ value }) => decodeEvent(value).id);
}

Deno.test("every frame is counted once: an event, a skip, a dead letter or a server's error", async () => {
  const log = new MemoryLog(1);
  const errors: string[] = [];
  const worker = ingestor(log, {
    now: () => Date.UTC(2026, 0, 5),
    onServerError: ({ message, status }) => errors.push(`${status} ${message}`),
  });
  const binary = new Uint8Array([0, 255]);
  const huge = "x".repeat(5_000_000);
  const frames: (string | Uint8Array)[] = [
    frame("update", status("1")),
    frame("status.update", status("1", { edited_at: "2026-01-05T10:00:01.000Z" })),
    frame("delete", "1"),
    frame("update", status("2", { reblog: {} })),
    frame("update", status("3", { visibility: "unlisted" })),
    frame("notification", "{}"),
    frame("shout", "{}"),
    frame("update", "{"),
    "{not json",
    binary,
    huge,
    '{"error":"Missing access token","status":401}',
  ];
  for (const each of frames) worker.push(each);
  await worker.flush();
  const { counts } = worker;
  assertEquals(counts.events, new Map([["update", 1], ["status.update", 1], ["delete", 1]]));
  assertEquals(counts.skipped, new Map([["boost", 1], ["not_public", 1], ["other_event", 1]]));
  assertEquals(
    counts.refused,
    new Map([
      ["Unknown event name", 1],
      ["Malformed JSON", 2],
      ["Binary frame", 1],
      ["Payload too large", 1],
    ]),
  );
  assertEquals([counts.frames, counts.serverErrors], [frames.length, 1]);
  const each = total(counts.events) + total(counts.skipped) + total(counts.refused);
  assertEquals(each + counts.serverErrors, frames.length);
  assertEquals(errors, ["401 Missing access token"]);
  assertEquals(log.records().map(({ key }) => key), ["1", "1", "1"]);
  const letters = log.records("errors");
  assertEquals(letters.length, 5);
  assertEquals(letters.map(({ headers }) => headers.reason), [
    "Unknown event name",
    "Malformed JSON",
    "Malformed JSON",
    "Binary frame",
    "Payload too large",
  ]);
  assertEquals(letters[3]?.value, binary);
  assertEquals(letters[4]?.value.length, 5_000_000);
  assertEquals(letters[0]?.headers, {
    stage: "ingest",
    reason: "Unknown event name",
    instance: "a.example",
    first_seen: "2026-01-05T00:00:00.000Z",
    attempt: "1",
  });
});

Deno.test("events reach the log in the order of their frames, however many at once", async () => {
  const log = new MemoryLog(1);
  const worker = ingestor(log, { maxBatch: 7 });
  const expected = Array.from({ length: 500 }, (_, i) => String(i));
  for (const id of expected) {
    worker.push(frame("delete", id));
    if (Number(id) % 50 === 0) await Promise.resolve();
  }
  await worker.flush();
  assertEquals(ids(log), expected);
  assertEquals(worker.pending, 0);
});

Deno.test("a log that fails is tried again until it takes everything, in order", async () => {
  const log = new MemoryLog(1);
  log.isDown = true;
  let failures = 0;
  const worker = ingestor(log, {
    maxBatch: 10,
    onAppendError: () => {
      if (++failures < 2) return;
      log.isDown = false;
    },
  });
  const expected = Array.from({ length: 35 }, (_, i) => String(i));
  for (const id of expected) worker.push(frame("delete", id));
  worker.push("{not json");
  assertGreater(worker.pending, 0);
  await worker.flush();
  assertEquals(failures, 2);
  assertEquals(ids(log), expected);
  assertEquals([log.records("errors").length, worker.pending], [1, 0]);
});

Deno.test("what a half-finished append repeats is the same once more, and nothing is lost", async () => {
  const log = new MemoryLog(1);
  log.halfAppends = 1;
  const worker = ingestor(log);
  const expected = Array.from({ length: 20 }, (_, i) => String(i));
  for (const id of expected) worker.push(frame("delete", id));
  await worker.flush();
  // Of two arrivals of an event the first is the one that counts.
  assertEquals([...new Set(ids(log))], expected);
});

Deno.test("an ingestor that is stopped ends though the log is down, and knows what the log did not take", async () => {
  const log = new MemoryLog(1);
  log.isDown = true;
  const { promise: failed, resolve } = Promise.withResolvers<void>();
  const stopped = ingestor(log, { onAppendError: () => resolve() });
  for (let i = 0; i < 5; i++) stopped.push(frame("delete", String(i)));
  await failed;
  stopped.stop();
  await stopped.flush();
  assertEquals([log.records().length, stopped.pending], [0, 5]);
});

Deno.test("nesting that no reader survives is a dead letter like any other", async () => {
  const log = new MemoryLog(1);
  const worker = ingestor(log, { rules: { ...rules, keepRaw: true } });
  const nest = "[".repeat(200_000) + "]".repeat(200_000);
  worker.push(frame("update", status("1").replace('"content"', `"card":${nest},"content"`)));
  worker.push(nest);
  worker.push(frame("update", status("2")));
  await worker.flush();
  assertEquals(ids(log), ["2"]);
  assertEquals(log.records("errors").map(({ headers }) => headers.reason), [
    "Nested too deeply",
    "Not a frame of the streaming API",
  ]);
});
