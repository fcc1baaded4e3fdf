import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { letterJson, letterLines, replayLines } from "./dead_letter_list.ts";
import { parseDeadLetter, type StoredDeadLetter } from "./dead_letter_reader.ts";
import type { LogRecord } from "./event_log.ts";

const letter: StoredDeadLetter = {
  place: { partition: 0, offset: 7 },
  recordedMs: Date.parse("2026-01-05T10:00:00Z"),
  stage: "stream",
  reason: "Malformed JSON",
  attempt: 2,
  firstSeenMs: 0,
  source: { topic: "t", partition: 1, offset: 9 },
  instance: null,
  cutFromBytes: null,
  key: "1",
  payload: new TextEncoder().encode("{\x1b[2J"),
};

Deno.test("letterLines() shows where a letter comes from and what became of it", () => {
  assertEquals(letterLines(letter, "fed"), [
    "2026-01-05T10:00:00.000Z  stream  Malformed JSON  (at t/1@9, attempt 2, replayed)",
    "    {\\u{1b}[2J",
  ]);
  const [head] = letterLines({ ...letter, source: null, instance: "a\x07.example" }, "unsure");
  assertStringIncludes(head ?? "", "(from a\\u{7}.example, attempt 2, replay was cut off)");
});

Deno.test("letterLines() shortens payloads and reasons and tells their size", () => {
  const payload = new TextEncoder().encode("🐘".repeat(5000));
  const [head, text] = letterLines({ ...letter, payload, reason: "r".repeat(9999) }, "new");
  assert((head?.length ?? 0) < 400 && (text?.length ?? 0) < 400);
  assertStringIncludes(text ?? "", "(20000 bytes)");
  const [, cut] = letterLines({ ...letter, payload, cutFromBytes: 9_000_000 }, "new");
  assertStringIncludes(cut ?? "", "(9000000 bytes)");
});

Deno.test("letterJson() is one safe line with the whole payload", () => {
  const line = letterJson({ ...letter, reason: "a\u009b\nb" }, "new");
  assert(!/[\p{C}\p{Zl}\p{Zp}]/u.test(line), line);
  const parsed = JSON.parse(line);
  assertEquals(parsed.payload, "{\x1b[2J");
  assertEquals(parsed.reason, "a\u009b\nb");
  assertEquals([parsed.partition, parsed.offset, parsed.replay], [0, 7, "new"]);
  const binary = JSON.parse(letterJson({ ...letter, payload: new Uint8Array([255, 0]) }, "new"));
  assertEquals([binary.payload, binary.payload_base64], [undefined, "/wA="]);
  const ageless = JSON.parse(letterJson({ ...letter, recordedMs: 9e18, firstSeenMs: null }, "new"));
  assertEquals([ageless.recorded_at, ageless.first_seen], ["?", null]);
});

Deno.test("parseDeadLetter() takes any headers", () => {
  const parse = (headers: Record<string, string>) => {
    const value = new Uint8Array();
    const record: LogRecord = { offset: 1, key: null, value, timestamp: 5, headers };
    return parseDeadLetter(record, 0);
  };
  const bare = parse({});
  assertEquals([bare.stage, bare.reason, bare.attempt, bare.source], [null, "", 1, null]);
  const hostile = parse({
    stage: "constructor",
    attempt: "-1",
    first_seen: "-100000-01-01T00:00:00Z",
    source_topic: "a\0b",
    source_partition: "0",
    source_offset: "1",
    cut_from_bytes: "NaN",
  });
  assertEquals(
    [hostile.stage, hostile.attempt, hostile.firstSeenMs, hostile.source, hostile.cutFromBytes],
    [null, 1, null, null, null],
  );
  const far = parse({ source_topic: "t", source_partition: "99999999999", source_offset: "1" });
  assertEquals(far.source, null);
});

Deno.test("replayLines() counts everything, escaped", () => {
  const lines = replayLines({
    fed: 3,
    fedBefore: 2,
    unsure: 1,
    refused: new Map([["Malformed JSON", 4], ["\x1b", 9]]),
    skipped: new Map([["boost", 5]]),
  });
  assertEquals(lines, [
    "Fed again: 3",
    "Fed by a replay before: 2",
    "Left unsure by a replay that was cut off: 1 (--again feeds them)",
    "Still refused: 9  \\u{1b}",
    "Still refused: 4  Malformed JSON",
    "Not to be collected: 5  boost",
  ]);
});
