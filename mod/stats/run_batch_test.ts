import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertRejects,
} from "@std/assert";
import type { Database } from "../db/database.ts";
import { openEmbedded } from "../db/embedded.ts";
import { migrate, readMigrations } from "../db/migrations.ts";
import { authorsOf, clusteredError, groupBy, measuresOf, sentimentOf } from "./_reference.ts";
import { type SeededToot, seededToots, storeToots } from "./_seeded_toots.ts";
import { readReportData } from "./read_report_data.ts";
import type { GroupRow, Published, ReportData } from "./report_data.ts";
import { runBatch } from "./run_batch.ts";

const dayOf = (toot: SeededToot) => toot.createdAt.toISOString().slice(0, 10);
const toots = seededToots({ seed: 7, n: 4000, nDays: 6, nAuthors: 300 });

/** One database for all tests of this file: each run replaces the results of the one before. */
let opened: Promise<Database> | undefined;
function database(): Promise<Database> {
  opened ??= (async () => {
    const db = await openEmbedded(null);
    await migrate(db, await readMigrations());
    await storeToots(db, toots);
    return db;
  })();
  return opened;
}

async function analyse(
  options: Parameters<typeof runBatch>[1] = {},
  minAuthors = 5,
): Promise<ReportData> {
  const db = await database();
  await runBatch(db, options);
  return await readReportData(db, { minAuthors, limit: 100_000 });
}

function assertGroups(
  actual: Published<GroupRow>,
  expected: { toots: SeededToot[]; keyOf: (toot: SeededToot) => string; minAuthors: number },
): void {
  const groups = groupBy(expected.toots, expected.keyOf);
  const shown = new Map(actual.rows.map((row) => [row.key, row]));
  let nHeld = 0;
  for (const [key, group] of groups) {
    if (authorsOf(group) < expected.minAuthors) {
      nHeld += 1;
      assertEquals(shown.has(key), false, `group "${key}" should be held back`);
    } else {
      assertEquals(shown.get(key), { key, ...measuresOf(group, expected.minAuthors) });
    }
  }
  assertEquals(actual.nHeld, nHeld);
  assertEquals(actual.rows.length, groups.size - nHeld);
}

Deno.test("every group has the numbers of an independent count", async () => {
  for (const minAuthors of [1, 5, 60]) {
    const data = await analyse({}, minAuthors);
    assertEquals(data.total, measuresOf(toots, minAuthors));
    assertGroups(data.days, { toots, keyOf: dayOf, minAuthors });
    const hourOf = (toot: SeededToot) => toot.createdAt.toISOString().slice(11, 13);
    assertGroups(data.hours, { toots, keyOf: hourOf, minAuthors });
    assertGroups(data.languages, { toots, keyOf: (toot) => toot.lang, minAuthors });
    assertGroups(data.instances, { toots, keyOf: (toot) => toot.instance, minAuthors });
    assertGroups(data.kinds, {
      toots,
      keyOf: (toot) => toot.isBot ? "bot" : "person",
      minAuthors,
    });
  }
});

Deno.test("lengths fall into steps of 50 code points", async () => {
  const data = await analyse({}, 1);
  const bins = groupBy(toots, (toot) => String(Math.floor([...toot.text].length / 50) * 50));
  const expected = [...bins].map(([from, group]) => ({
    lengthFrom: Number(from),
    lengthTo: Number(from) + 50,
    nToots: group.length,
    nAuthors: authorsOf(group),
  })).sort((a, b) => a.lengthFrom - b.lengthFrom);
  assertEquals(data.lengths.rows, expected);
});

Deno.test("active authors and their share", async () => {
  const counts = [...groupBy(toots, (toot) => toot.author).values()].map((group) => group.length);
  for (const activityMinToots of [1, 5, 40]) {
    const data = await analyse({ activityMinToots });
    const active = counts.filter((n) => n >= activityMinToots);
    const nToots = active.reduce((total, n) => total + n, 0);
    assertEquals(data.activeAuthors, {
      minToots: activityMinToots,
      nAuthors: active.length,
      nToots,
      shareOfAuthors: active.length / counts.length,
      shareOfToots: nToots / toots.length,
    });
  }
});

Deno.test("sentiment of days has the clustered standard error", async () => {
  const data = await analyse();
  const days = groupBy(toots, dayOf);
  assertGreater(data.sentimentDays.rows.length, 3);
  for (const { day, seProbPos, ...counts } of data.sentimentDays.rows) {
    const group = days.get(day) ?? [];
    assertEquals(counts, sentimentOf(group, 5));
    assertAlmostEquals(seProbPos ?? NaN, clusteredError(group) ?? NaN, 1e-9);
  }
});

Deno.test("hashtags and pairs have the numbers of an independent count", async () => {
  const data = await analyse();
  const uses = toots.flatMap((toot) => toot.hashtags.map((hashtag) => ({ hashtag, toot })));
  const byTag = groupBy(uses, (use) => use.hashtag);
  assertEquals(data.hashtags.rows.length + data.hashtags.nHeld, byTag.size);
  for (const row of data.hashtags.rows) {
    const group = (byTag.get(row.hashtag) ?? []).map((use) => use.toot);
    assertEquals(row, {
      hashtag: row.hashtag,
      nToots: group.length,
      nAuthors: authorsOf(group),
      sentiment: sentimentOf(group, 5),
    });
  }
  const pairs = toots.flatMap((toot) =>
    toot.hashtags.flatMap((a) =>
      toot.hashtags.filter((b) => codePointsBefore(a, b)).map((b) => ({ pair: `${a} ${b}`, toot }))
    )
  );
  const expected = [...groupBy(pairs, (each) => each.pair)]
    .map(([pair, each]) => ({ pair, toots: each.map(({ toot }) => toot) }))
    .filter((each) => each.toots.length >= 2 && authorsOf(each.toots) >= 5)
    .map((each) => `${each.pair} ${each.toots.length} ${authorsOf(each.toots)}`).sort();
  const actual = data.pairs.rows
    .map((row) => `${row.hashtagA} ${row.hashtagB} ${row.nToots} ${row.nAuthors}`).sort();
  assertGreater(expected.length, 10);
  assertEquals(actual, expected);
});

Deno.test("rising hashtags compare the later half with the earlier one", async () => {
  const data = await analyse();
  const split = data.periods?.now.from ?? new Date(NaN);
  assertEquals(split.toISOString().slice(11), "00:00:00.000Z");
  assertRising(data, { all: toots, isNow: (toot) => toot.createdAt >= split });
  assert(data.rising.rows.some((row) => row.hashtag === "zebra"));
});

Deno.test("a start that is asked for is compared with as much time before it", async () => {
  const from = new Date("2022-11-08T00:00:00Z");
  const to = new Date("2022-11-10T00:00:00Z");
  const data = await analyse({ from, to });
  const inRange = toots.filter((toot) => toot.createdAt >= from && toot.createdAt < to);
  assertEquals(data.range, { from, to });
  assertEquals(data.periods?.before, { from: new Date("2022-11-06T00:00:00Z"), to: from });
  assertEquals(data.total, measuresOf(inRange, 5));
  assertGroups(data.days, { toots: inRange, keyOf: dayOf, minAuthors: 5 });
  const start = new Date("2022-11-06T00:00:00Z");
  assertRising(data, {
    all: toots.filter((toot) => toot.createdAt >= start && toot.createdAt < to),
    isNow: (toot) => toot.createdAt >= from,
  });
});

Deno.test("a range without toots empties the tables, and the next run fills them again", async () => {
  const data = await analyse({ from: new Date("1999-01-01"), to: new Date("1999-02-01") });
  assertEquals([data.range, data.total.nToots, data.days.rows], [null, 0, []]);
  const now = new Date("2026-01-05T10:00:00Z");
  const again = await analyse({ now });
  assertEquals([again.computedAt, again.total.nToots], [now, toots.length]);
});

Deno.test("a range that ends before it starts is refused", async () => {
  const db = await database();
  const at = new Date("2022-11-08T00:00:00Z");
  await assertRejects(() => runBatch(db, { from: at, to: at }), RangeError, "is not after its");
  await assertRejects(() => runBatch(db, { activityMinToots: 0 }), RangeError, '"0" toots');
  await assertRejects(() => readReportData(db, { minAuthors: 1.5 }), RangeError, '"1.5"');
});

Deno.test("a failing run leaves the results of the one before", async () => {
  const before = await analyse();
  const db = await database();
  const log = (line: string) => {
    if (line.endsWith("batch_hashtags")) throw new Error("stopped by the test");
  };
  await assertRejects(() => runBatch(db, { log }), Error, "stopped by the test");
  assertEquals(await readReportData(db, { limit: 100_000 }), before);
});

/** PostgreSQL's "C" order of UTF-8 is that of code points, unlike JavaScript's of UTF-16 units. */
function codePointsBefore(a: string, b: string): boolean {
  const [left, right] = [[...a], [...b]];
  const at = left.findIndex((char, i) => char !== right[i]);
  if (at === -1) return left.length < right.length;
  return (left[at]?.codePointAt(0) ?? -1) < (right[at]?.codePointAt(0) ?? -1);
}

function assertRising(
  data: ReportData,
  { all, isNow }: { all: SeededToot[]; isNow: (toot: SeededToot) => boolean },
): void {
  const now = all.filter(isNow);
  const before = all.filter((toot) => !isNow(toot));
  const expected = [...new Set(all.flatMap((toot) => toot.hashtags))].flatMap((hashtag) => {
    const using = now.filter((toot) => toot.hashtags.includes(hashtag));
    const used = before.filter((toot) => toot.hashtags.includes(hashtag));
    const [p, q] = [using.length / now.length, used.length / before.length];
    const pooled = (using.length + used.length) / all.length;
    const z = (p - q) / Math.sqrt(pooled * (1 - pooled) * (1 / now.length + 1 / before.length));
    const expectedLeast = pooled * Math.min(now.length, before.length);
    if (z < 3 || expectedLeast < 5 || authorsOf(using) < 5) return [];
    const isHeld = used.length > 0 && authorsOf(used) < 5;
    return [{ hashtag, nToots: using.length, before: isHeld ? null : used.length, p, z }];
  }).sort((a, b) => b.z - a.z);
  assertGreater(expected.length, 0);
  assertEquals(
    data.rising.rows.map((row) => [row.hashtag, row.nToots, row.nTootsBefore]),
    expected.map((row) => [row.hashtag, row.nToots, row.before]),
  );
  data.rising.rows.forEach((row, i) => {
    assertAlmostEquals(row.share, expected[i]?.p ?? NaN, 1e-12);
    assertAlmostEquals(row.z, expected[i]?.z ?? NaN, 1e-9);
  });
}
