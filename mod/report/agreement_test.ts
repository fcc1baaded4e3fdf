/** From stored toots to the cells of the CSV files and the numbers in the charts. */
import { assertEquals, assertGreater } from "@std/assert";
import { parse } from "csv-parse/sync";
import { openEmbedded } from "../db/embedded.ts";
import { migrate, readMigrations } from "../db/migrations.ts";
import { authorsOf, clusteredError, groupBy, measuresOf } from "../stats/_reference.ts";
import { type SeededToot, seededToots, storeToots } from "../stats/_seeded_toots.ts";
import { readReportData, runBatch } from "../stats/mod.ts";
import { readPicture } from "./_geometry.ts";
import { CHARTS } from "./draw_charts.ts";
import { exportCsv } from "./export_csv.ts";
import { TABLES } from "./tables.ts";
import { formatCount, formatShare, loadTheme } from "./theme.ts";

const MIN_AUTHORS = 5;
const toots = seededToots({ seed: 11, n: 1500, nDays: 4, nAuthors: 120 });
const scored = toots.filter((toot) => toot.label !== null);

const data = await (async () => {
  await using db = await openEmbedded(null);
  await migrate(db, await readMigrations());
  await storeToots(db, toots);
  await runBatch(db);
  return await readReportData(db, { minAuthors: MIN_AUTHORS });
})();
const dayOf = (toot: SeededToot) => toot.createdAt.toISOString().slice(0, 10);
const labelled = (group: readonly SeededToot[], label: string) =>
  String(group.filter((toot) => toot.label === label).length);

/** Groups of enough authors, by key. */
function shown(
  all: readonly SeededToot[],
  keyOf: (toot: SeededToot) => string,
): [string, SeededToot[]][] {
  return [...groupBy(all, keyOf)].filter(([, group]) => authorsOf(group) >= MIN_AUTHORS)
    .sort(([a], [b]) => a < b ? -1 : 1);
}

async function csvOf(name: string): Promise<Record<string, string>[]> {
  const outDir = await Deno.makeTempDir();
  try {
    const [path = ""] = await exportCsv(data, { outDir, names: [name] });
    return parse(await Deno.readTextFile(path), { columns: true });
  } finally {
    await Deno.remove(outDir, { recursive: true });
  }
}

Deno.test("CSV of toots per day", async () => {
  const expected = shown(toots, dayOf).map(([day, g]) => ({ day, n_toots: String(g.length) }));
  assertGreater(expected.length, 3);
  assertEquals(plain(await csvOf("part5_toots_per_day")), expected);
});

Deno.test("CSV of sentiment by day and over time", async () => {
  const days = shown(scored, dayOf);
  assertEquals(
    plain(await csvOf("part5_sentiment_by_day_stacked")),
    days.map(([day, group]) => ({
      day,
      n_scored: String(group.length),
      n_neg: labelled(group, "negative"),
      n_neu: labelled(group, "neutral"),
      n_pos: labelled(group, "positive"),
    })),
  );
  const rows = await csvOf("sentiment_over_time");
  rows.forEach((row, i) => {
    const [day, group = []] = days[i] ?? [];
    const error = clusteredError(group) ?? NaN;
    assertEquals(row["day"], day);
    assertEquals(Number(row["se_prob_pos"]).toFixed(9), error.toFixed(9));
    const mean = Number(row["avg_prob_pos"]);
    const half = (Number(row["high_95"]) - Number(row["low_95"])) / 2;
    assertEquals(mean.toFixed(9), (measuresOf(group, 1).sentiment?.avgProbPos ?? NaN).toFixed(9));
    // Wider than with the normal quantile, as a day has only so many authors.
    assertGreater(half, 1.96 * error);
  });
});

Deno.test("CSV of the sentiment distribution", async () => {
  assertEquals(
    plain(await csvOf("part5_sentiment_distribution")),
    ["negative", "neutral", "positive"].map((label) => ({
      label,
      n_toots: labelled(scored, label),
      share: String(Number(labelled(scored, label)) / scored.length),
    })),
  );
});

Deno.test("CSV of hours, languages and hashtags", async () => {
  const hours = shown(toots, (toot) => String(toot.createdAt.getUTCHours()).padStart(2, "0"));
  assertEquals(
    plain(await csvOf("hourly_activity")),
    hours.map(([hour, g]) => ({ hour_utc: String(Number(hour)), n_toots: String(g.length) })),
  );
  const languages = shown(toots, (toot) => toot.lang).sort(([, a], [, b]) => b.length - a.length);
  assertEquals(
    (await csvOf("language_shares")).map((row) => [row["lang"], row["n_toots"]]),
    languages.map(([lang, group]) => [lang, String(group.length)]),
  );
  const tags = [...new Set(toots.flatMap((toot) => toot.hashtags))]
    .map((tag) => ({ tag, n: toots.filter((toot) => toot.hashtags.includes(tag)).length }))
    .sort((a, b) => b.n - a.n);
  assertEquals(
    (await csvOf("part5_top_hashtags")).map((row) => [row["rank"], row["n_toots"]]),
    tags.map(({ n }, i) => [String(i + 1), String(n)]),
  );
});

Deno.test("no table shows a group of fewer authors, and none names an author", async () => {
  for (const name of Object.keys(TABLES)) {
    for (const row of await csvOf(name)) {
      const nAuthors = row["n_authors"];
      if (nAuthors !== undefined) assertGreater(Number(nAuthors), MIN_AUTHORS - 1, name);
      assertEquals(Object.values(row).some((cell) => cell.startsWith("author-")), false, name);
    }
  }
});

Deno.test("the numbers written in the charts", async () => {
  const theme = await loadTheme();
  const textsOf = (name: string) =>
    readPicture(CHARTS[name]?.(data, theme) ?? "", theme).texts.map((box) => box.text);
  const perDay = textsOf("part5_toots_per_day");
  for (const [, group] of shown(toots, dayOf)) {
    assertEquals(perDay.includes(formatCount(group.length)), true);
  }
  const distribution = textsOf("part5_sentiment_distribution");
  for (const label of ["negative", "neutral", "positive"]) {
    const n = Number(labelled(scored, label));
    const text = `${formatCount(n)} (${formatShare(n / scored.length)})`;
    assertEquals(distribution.includes(text), true, text);
  }
  assertEquals(
    distribution.some((text) => text.includes(`n = ${formatCount(scored.length)} scored toots`)),
    true,
  );
});

/** Without the null prototype that csv-parse may give its rows. */
function plain(rows: readonly Record<string, string>[]): Record<string, string>[] {
  return rows.map((row) => ({ ...row }));
}
