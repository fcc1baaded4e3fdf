import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { SimulatorFrame } from "./frames.ts";
import { generatorSource } from "./generator.ts";
import { Timeline } from "./timeline.ts";

function frame(id: string, more: Partial<SimulatorFrame> = {}): SimulatorFrame {
  return {
    index: 0,
    at: 0,
    kind: "toot",
    event: "update",
    payload: `{"id":"${id}"}`,
    statusId: id,
    status: {
      id,
      visibility: "public",
      edited_at: null,
      account: { id: "1", acct: "a" },
      tags: [],
      media_attachments: [],
      reblog: null,
    },
    ...more,
  };
}

function timelineOf(ids: readonly string[], capacity = 1000): Timeline {
  const timeline = new Timeline(capacity);
  for (const id of ids) timeline.apply(frame(id));
  return timeline;
}

const NINE = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

Deno.test("Timeline: min_id pages forward, since_id takes the newest, max_id goes back", () => {
  const timeline = timelineOf(NINE);
  assertEquals(timeline.page({ limit: "3" }).ids, ["9", "8", "7"]);
  assertEquals(timeline.page({ min_id: "2", limit: "3" }).ids, ["5", "4", "3"]);
  assertEquals(timeline.page({ since_id: "2", limit: "3" }).ids, ["9", "8", "7"]);
  assertEquals(timeline.page({ max_id: "4", limit: "2" }).ids, ["3", "2"]);
  assertEquals(timeline.page({ min_id: "2", max_id: "5" }).ids, ["4", "3"]);
  assertEquals(timeline.page({ min_id: "9" }).ids, []);
});

Deno.test("Timeline: limits are read as Mastodon reads them", () => {
  const timeline = timelineOf(Array.from({ length: 100 }, (_, i) => String(i + 1)));
  const size = (limit: string | null) => timeline.page({ limit }).ids.length;
  assertEquals([size(null), size("1000"), size("-5"), size("0"), size("many")], [20, 40, 5, 0, 0]);
});

Deno.test("Timeline: ids are ordered as numbers beyond 2^53 and by length", () => {
  const ids = ["9", "10", "9007199254740993", "9007199254740992", "115000000000000001"];
  const timeline = timelineOf(ids);
  assertEquals(timeline.page({}).ids, [
    "115000000000000001",
    "9007199254740993",
    "9007199254740992",
    "10",
    "9",
  ]);
  assertEquals(timeline.page({ min_id: "9007199254740992", limit: "1" }).ids, [
    "9007199254740993",
  ]);
});

Deno.test("Timeline: keeps the newest version, drops the deleted, and lets nothing private in", () => {
  const timeline = timelineOf(["1", "2"]);
  const { status } = frame("1");
  assert(status !== undefined);
  const edited = { ...status, edited_at: "2026-01-05T00:00:00.000Z" };
  timeline.apply(frame("1", { status: edited, payload: "edited" }));
  timeline.apply(frame("1"));
  timeline.apply(frame("2", { event: "delete", payload: "2", kind: "delete" }));
  timeline.apply(frame("2"));
  timeline.apply(frame("3", { status: { ...status, id: "3", visibility: "unlisted" } }));
  timeline.apply(frame("4", { status: { ...status, id: "4", reblog: {} } }));
  assertEquals(timeline.page({}).payloads, ["edited"]);
});

Deno.test("Timeline: forgets the oldest beyond its capacity", () => {
  const timeline = timelineOf(Array.from({ length: 500 }, (_, i) => String(i + 1000)), 100);
  assert(timeline.size <= 110);
  assertEquals(timeline.page({ limit: "1" }).ids, ["1499"]);
});

Deno.test("Timeline: paging with min_id finds every status once, whatever the page size", () => {
  const ids = fc.uniqueArray(fc.bigInt({ min: 1n, max: 2n ** 62n }).map(String), { maxLength: 90 });
  fc.assert(fc.property(ids, fc.integer({ min: 1, max: 40 }), (some, limit) => {
    const timeline = timelineOf(some);
    const seen: string[] = [];
    for (let last = "0";;) {
      const page = timeline.page({ min_id: last, limit: String(limit) }).ids;
      const newest = page[0];
      if (newest === undefined) break;
      seen.push(...page.toReversed());
      last = newest;
    }
    assertEquals(seen, some.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)));
  }));
});

Deno.test("Timeline: holds the public originals of a generated stream", () => {
  const timeline = new Timeline(10_000);
  const gone = new Set<string>();
  const open = new Set<string>();
  for (const one of generatorSource({ events: 1500, hugeStatuses: 0 }).frames()) {
    timeline.apply(one);
    if (one.event === "delete" && one.statusId !== null) gone.add(one.statusId);
    if (one.status?.visibility === "public" && one.status.reblog === null) open.add(one.status.id);
  }
  assertEquals(timeline.size, open.difference(gone).size);
});
