import { assertEquals } from "@std/assert";
import { encodeEvent } from "../mastodon/wire.ts";
import { ARRIVAL, NOON, recordOf, remove, update } from "./_story.ts";
import { decodeRecords, MAX_AHEAD_MS } from "./decode.ts";

Deno.test("decodeRecords() parts events from what is none, in order", () => {
  const values = [encodeEvent(update("1")), "{", encodeEvent(remove("2")), "null"];
  const { events, refused } = decodeRecords(
    values.map((value, i) => recordOf(value, { offset: 7 + i })),
  );
  assertEquals(events, [
    { offset: 7, arrivedMs: ARRIVAL, createdMs: NOON, event: update("1") },
    { offset: 9, arrivedMs: ARRIVAL, createdMs: NaN, event: remove("2") },
  ]);
  assertEquals(refused.map(({ record }) => record.offset), [8, 10]);
  assertEquals(refused[0]?.reason, "Malformed JSON");
});

Deno.test("decodeRecords() refuses what is dated more than 5 minutes after its arrival", () => {
  const refusedAt = (timestamp: number) => {
    const record = recordOf(encodeEvent(update("1")), { offset: 0, timestamp });
    return decodeRecords([record]).refused.map(({ reason }) => reason);
  };
  assertEquals(MAX_AHEAD_MS, 300_000);
  assertEquals(refusedAt(NOON - 300_000), []);
  assertEquals(refusedAt(NOON - 300_001), ["Dated more than 5 minutes after its arrival"]);
});

Deno.test("decodeRecords() refuses records whose own date is none, deletes too", () => {
  for (const timestamp of [-1, NaN, Infinity, 0.5, Date.UTC(10_000, 0), 2 ** 63]) {
    const records = [update("1"), remove("1")].map((event, offset) =>
      recordOf(encodeEvent(event), { offset, timestamp })
    );
    const { events, refused } = decodeRecords(records);
    assertEquals([events.length, refused.length], [0, 2], `${timestamp}`);
    assertEquals(refused[1]?.reason, "Its record's own date is not between 1970 and 9999");
  }
});
