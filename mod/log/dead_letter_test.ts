import { assertEquals } from "@std/assert";
import { deadLetterRecord, ERROR_TOPIC_MAX_BYTES, MAX_DEAD_LETTER_BYTES } from "./dead_letter.ts";

Deno.test("deadLetterRecord() keeps the payload as it came and the rest in headers", () => {
  const payload = new Uint8Array([0xff, 0, 0x7b]);
  const record = deadLetterRecord({
    stage: "stream",
    reason: "Not UTF-8",
    payload,
    key: "12",
    source: { topic: "mastodon_stream", partition: 3, offset: 42 },
    firstSeenMs: Date.UTC(2026, 0, 5),
    attempt: 2,
  });
  assertEquals(record, {
    key: "12",
    value: payload,
    headers: {
      stage: "stream",
      reason: "Not UTF-8",
      first_seen: "2026-01-05T00:00:00.000Z",
      attempt: "2",
      source_topic: "mastodon_stream",
      source_partition: "3",
      source_offset: "42",
    },
  });
});

Deno.test("deadLetterRecord() cuts what no topic would take, and says so", () => {
  const letter = {
    stage: "ingest",
    reason: "Payload too large",
    key: null,
    firstSeenMs: 0,
  } as const;
  const text = "é".repeat(MAX_DEAD_LETTER_BYTES / 2);
  const whole = deadLetterRecord({ ...letter, payload: text, instance: "a.example" });
  assertEquals(whole.value.length, MAX_DEAD_LETTER_BYTES);
  assertEquals(whole.headers, {
    stage: "ingest",
    reason: "Payload too large",
    first_seen: "1970-01-01T00:00:00.000Z",
    attempt: "1",
    instance: "a.example",
  });
  const cut = deadLetterRecord({ ...letter, payload: `${text}é` });
  assertEquals(cut.value.length, MAX_DEAD_LETTER_BYTES);
  assertEquals(cut.headers?.cut_from_bytes, String(MAX_DEAD_LETTER_BYTES + 2));
  assertEquals(ERROR_TOPIC_MAX_BYTES > MAX_DEAD_LETTER_BYTES, true);
});

Deno.test("deadLetterRecord() survives a time that is none", () => {
  for (const firstSeenMs of [NaN, Infinity, 8.64e15 + 1, -8.64e15 - 1]) {
    const letter = { stage: "stream", reason: "?", payload: "", key: null, firstSeenMs } as const;
    assertEquals(deadLetterRecord(letter).headers?.first_seen, "1970-01-01T00:00:00.000Z");
  }
});
