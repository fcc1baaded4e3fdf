import { assert, assertEquals } from "@std/assert";
import type { WireEvent } from "../mastodon/wire.ts";
import { MemoryTables } from "./_memory_tables.ts";
import { ARRIVAL, NOON, remove, testScore, update } from "./_story.ts";
import { type LoggedEvent, loggedEvent } from "./decode.ts";
import { type EventCounts, noEvents } from "./event_counts.ts";
import { type BatchChanges, type PartitionEvents, reduceBatches } from "./reduce.ts";
import { PartitionClock } from "./window.ts";

const GRACE_MS = 30_000;
const WINDOW_MS = 60_000;

/** One partition, batch after batch. */
class Bench {
  readonly tables = new MemoryTables({ windowMs: WINDOW_MS, graceMs: GRACE_MS, partitions: 1 });
  finalUntilMs = -Infinity;
  #offset = 0;
  #maxEventTime: number | null = null;

  batch(...events: WireEvent[]): BatchChanges {
    const clock = new PartitionClock({ graceMs: GRACE_MS, maxEventTime: this.#maxEventTime });
    const logged: LoggedEvent[] = events.map((event) => {
      const offset = this.#offset++;
      return loggedEvent({ offset, arrivedMs: ARRIVAL + offset, event });
    });
    const changes = reduceBatches([{ partition: 0, events: logged, clock }], {
      prior: this.tables.prior(events),
      windowMs: WINDOW_MS,
      finalUntilMs: this.finalUntilMs,
      score,
    });
    const records = events.length;
    const commit = { partition: 0, changes, clock, nextOffset: this.#offset, records };
    this.tables.commit({ ...commit, deadLetters: 0 });
    this.#maxEventTime = clock.maxEventTime;
    return changes;
  }
}

function score({ text, lang }: { text: string; lang: string }) {
  return testScore(text, lang);
}

function counts(given: Partial<EventCounts>): EventCounts {
  return { ...noEvents(), ...given };
}

function at(offsetMs: number): { created_at: string } {
  return { created_at: new Date(NOON + offsetMs).toISOString() };
}

function edited(n: number): { edited_at: string } {
  return { edited_at: new Date(NOON + n * 1000).toISOString() };
}

Deno.test("reduceBatches() counts a toot, its duplicates, edits and stale versions", () => {
  const bench = new Bench();
  const changes = bench.batch(
    update("1", { text: "a" }),
    update("1", { text: "a" }),
    update("1", { text: "ccc", ...edited(2) }),
    update("1", { text: "bb", ...edited(1) }),
    update("1", { text: "ccc", ...edited(2) }),
    update("1", { text: "a" }),
  );
  assertEquals(changes.counts[0], counts({ toots: 1, duplicates: 2, edits: 1, stale: 2 }));
  assertEquals(changes.inserts.map(({ toot, editedMs }) => [toot.text, editedMs]), [
    ["ccc", NOON + 2000],
  ]);
  assertEquals([...changes.deltas.byLang.values()].map((names) => [...names]), [
    [["en", { toots: 1, length: 3 }]],
  ]);
});

Deno.test("reduceBatches() writes nothing for what changes nothing", () => {
  const bench = new Bench();
  bench.batch(update("1", { text: "b", ...edited(1) }));
  const changes = bench.batch(update("1", { text: "a" }), update("1", { text: "b", ...edited(1) }));
  assertEquals(changes.counts[0], counts({ stale: 1, duplicates: 1 }));
  assertEquals([changes.inserts, changes.updates, changes.removals], [[], [], []]);
  assertEquals([changes.deltas.byLang.size, changes.deltas.sentiment.size], [0, 0]);
});

Deno.test("reduceBatches() moves an edited toot between languages, authors and sentiment", () => {
  const bench = new Bench();
  bench.batch(update("1", { text: "tea", lang: "en" }));
  const changes = bench.batch(
    update("1", { text: "Tee!", lang: "und", account_id: "bo", ...edited(1) }),
  );
  assertEquals(changes.counts[0], counts({ edits: 1 }));
  assertEquals(changes.unscored, [{ instance: "a.example", id: "1" }]);
  const tables = bench.tables.tables();
  assertEquals(tables.toot_metrics_windowed.map((w) => [w.lang, w.n_toots, w.avg_length]), [
    ["und", 1, 4],
  ]);
  assertEquals(tables.user_avg_length_windowed.map((w) => w.account_id), ["bo"]);
  assertEquals([tables.sentiment_windowed, tables.toots_sentiment], [[], []]);
});

Deno.test("reduceBatches() remembers deletes, seen toot or not, in one batch or several", () => {
  const bench = new Bench();
  const first = bench.batch(remove("1"), update("1"), update("2"), remove("2"), remove("2"));
  assertEquals(first.counts[0], counts({ unknown: 2, afterDelete: 1, toots: 1, deletes: 1 }));
  assertEquals([first.inserts, first.removals], [[], []]);
  assertEquals(first.tombstones.map(({ id, deletedMs }) => [id, deletedMs]), [
    ["1", ARRIVAL],
    ["2", ARRIVAL + 3],
  ]);
  const second = bench.batch(update("1", edited(9)), remove("1"), update("2"));
  assertEquals(second.counts[0], counts({ afterDelete: 2, unknown: 1 }));
  assertEquals([second.inserts, second.tombstones], [[], []]);
});

Deno.test("reduceBatches() takes a toot out of its windows, late or final as they may be", () => {
  const bench = new Bench();
  bench.batch(update("1"), update("2", at(600_000)), update("3", { ...at(1000), lang: "de" }));
  bench.finalUntilMs = NOON + 660_000;
  const changes = bench.batch(remove("1"), remove("3"));
  assertEquals(changes.counts[0], counts({ deletes: 2 }));
  const tables = bench.tables.tables();
  assertEquals(tables.toot_metrics_windowed.map(({ lang, n_toots }) => [lang, n_toots]), [[
    "en",
    1,
  ]]);
  assertEquals(tables.late_events, []);
});

Deno.test("a toot is late when its window's end lies at or before the watermark", () => {
  const bench = new Bench();
  // Watermark at NOON + 60 s - 1 ms: the first window's end is still ahead.
  bench.batch(update("1", at(60_000 + GRACE_MS - 1)), update("2", at(0)));
  assertEquals(bench.tables.total("late"), 0);
  // One ms on, it is not.
  const changes = bench.batch(update("3", at(60_000 + GRACE_MS)), update("4", at(59_999)));
  assertEquals(changes.counts[0], counts({ toots: 2, late: 1 }));
  assertEquals(changes.lateEvents, [{
    instance: "a.example",
    id: "4",
    createdMs: NOON + 59_999,
    windowStartMs: NOON,
    watermarkMs: NOON + 60_000,
    partition: 0,
    offset: 3,
    arrivedMs: ARRIVAL + 3,
  }]);
  assert(changes.inserts.some(({ id, isLate }) => id === "4" && isLate));
});

Deno.test("a late toot stays out of its window when it is edited, and is forgotten when deleted", () => {
  const bench = new Bench();
  bench.batch(update("1", at(600_000)), update("2"));
  const edit = bench.batch(update("2", { text: "longer", ...at(600_000), ...edited(1) }));
  assertEquals(edit.counts[0], counts({ edits: 1 }));
  assertEquals([edit.updates.length, edit.lateEvents.length, edit.deltas.byLang.size], [1, 0, 0]);
  assertEquals(bench.batch(remove("2")).deltas.byLang.size, 0);
  assertEquals(bench.tables.tables().late_events, []);
});

Deno.test("a window that is final by the other partitions closes to this one too", () => {
  const bench = new Bench();
  bench.finalUntilMs = NOON + 60_000;
  const changes = bench.batch(update("1", at(59_999)), update("2", at(60_000)));
  assertEquals(changes.counts[0], counts({ toots: 2, late: 1 }));
  assertEquals(changes.lateEvents.map(({ id, watermarkMs }) => [id, watermarkMs]), [
    ["1", NOON + 60_000],
  ]);
});

Deno.test("duplicates, deletes and the dead move the clock alike: it is a fact of the log", () => {
  const clockAfter = (...events: WireEvent[]) => {
    const clock = new PartitionClock({ graceMs: GRACE_MS, maxEventTime: null });
    const logged = events.map((event, offset) =>
      loggedEvent({ offset, arrivedMs: ARRIVAL, event })
    );
    const prior = { toots: new Map(), tombstones: new Set<string>(), uriOwners: new Map() };
    const options = { prior, windowMs: WINDOW_MS, finalUntilMs: -Infinity, score };
    reduceBatches([{ partition: 0, events: logged, clock }], options);
    return clock.maxEventTime;
  };
  assertEquals(clockAfter(remove("1"), update("1", at(5000))), NOON + 5000);
  assertEquals(clockAfter(update("1", at(5000)), update("1", at(9000))), NOON + 9000);
  assertEquals(clockAfter(remove("1"), remove("2")), null);
});

Deno.test("a toot that another instance brought is counted as a copy, its edits too", () => {
  const bench = new Bench();
  const shared = { uri: "https://c.example/7" };
  const changes = bench.batch(
    update("1", { ...shared, instance: "a.example" }),
    update("2", { ...shared, instance: "b.example" }),
    update("2", { ...shared, instance: "b.example", ...edited(1) }),
  );
  assertEquals(changes.counts[0], counts({ toots: 1, copies: 2 }));
  const later = bench.batch(
    update("2", { ...shared, instance: "b.example" }),
    remove("2", "b.example"),
  );
  assertEquals(later.counts[0], counts({ copies: 1, unknown: 1 }));
  assertEquals(bench.tables.tables().toots_raw.map(({ instance }) => instance), ["a.example"]);
});

Deno.test("a uri is free once its toot is deleted, in the same batch or later", () => {
  const bench = new Bench();
  const shared = { uri: "https://c.example/7" };
  bench.batch(update("1", shared));
  const changes = bench.batch(remove("1"), update("2", { ...shared, instance: "b.example" }));
  assertEquals(changes.counts[0], counts({ deletes: 1, toots: 1 }));
  assertEquals([changes.removals.length, changes.inserts.length], [1, 1]);
  bench.batch(remove("2", "b.example"));
  assertEquals(bench.batch(update("3", shared)).counts[0], counts({ toots: 1 }));
});

Deno.test("an empty text is kept with length 0 and not scored", () => {
  const bench = new Bench();
  const [row] = bench.batch(update("1", { text: "", media: 1 })).inserts;
  assertEquals([row?.length, row?.score], [0, null]);
  assertEquals(bench.tables.tables().toot_metrics_windowed.map((w) => w.avg_length), [0]);
});

Deno.test("batches of several partitions are worked through at once, each by its own clock", () => {
  const batch = (partition: number, events: readonly WireEvent[]): PartitionEvents => ({
    partition,
    events: events.map((event, offset) => loggedEvent({ offset, arrivedMs: ARRIVAL, event })),
    clock: new PartitionClock({ graceMs: GRACE_MS, maxEventTime: null }),
  });
  const shared = { uri: "https://c.example/7" };
  const ahead = batch(0, [update("1", { ...at(600_000), ...shared }), update("2", at(0))]);
  const behind = batch(3, [
    update("3", at(0)),
    update("4", { ...shared, instance: "b.example" }),
    remove("4", "b.example"),
  ]);
  const changes = reduceBatches([ahead, behind], {
    prior: { toots: new Map(), tombstones: new Set(), uriOwners: new Map() },
    windowMs: WINDOW_MS,
    finalUntilMs: -Infinity,
    score,
  });
  assertEquals(changes.counts, [
    counts({ toots: 2, late: 1 }),
    counts({ toots: 1, copies: 1, unknown: 1 }),
  ]);
  assertEquals(changes.lateEvents.map(({ id, partition, offset }) => [id, partition, offset]), [
    ["2", 0, 1],
  ]);
  assertEquals(changes.inserts.map(({ id }) => id), ["1", "2", "3"]);
  assertEquals(
    [ahead.clock.maxEventTime, behind.clock.maxEventTime],
    [NOON + 600_000, NOON],
  );
});
