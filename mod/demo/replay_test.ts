import { assert, assertEquals, assertGreater } from "@std/assert";
import { parseConfig } from "../config/config.ts";
import type { Database } from "../db/database.ts";
import { testDatabase } from "../db/_test_database.ts";
import { embeddedLog } from "../log/embedded_log.ts";
import { generatorSource } from "../mastodon/simulator/mod.ts";
import { topicSpecs } from "../ops/engines.ts";
import { loadScorer } from "../sentiment/load.ts";
import { demoOutcome } from "./demo_outcome.ts";
import { demoSource } from "./demo_source.ts";
import {
  assertRows,
  authorRows,
  dailyRows,
  langRows,
  sentimentRows,
  sorted,
  type ViewRow,
} from "./_expected_rows.ts";
import { numbersOf, readSummary } from "./_printed_summary.ts";
import { recount, type Recounted } from "./_recount.ts";
import { simpleText } from "./_simple_text.ts";
import { SPECIAL_LINES } from "./_special_lines.ts";
import { type DemoOutcome, renderDemoSummary } from "./summary.ts";

/** Real toots, where the data lie beside the repository. */
const REAL = new URL("../../../shared/data/mastodon/statuses.jsonl", import.meta.url);

const KEY = "a key for tests alone";
const model = await loadScorer();

async function checkRecording(path: string, { partitions }: { partitions: number }) {
  await using db = await testDatabase();
  const reports = await Deno.makeTempDir();
  const config = parseConfig({
    REPORTS_DIR: reports,
    PSEUDONYM_KEY: KEY,
    KAFKA_PARTITIONS: String(partitions),
    MODEL_DIR: "/nonexistent",
  });
  const log = embeddedLog(db);
  await log.createTopics(topicSpecs(config));
  const demo = await demoSource({ kind: "replay", path });
  const { signal } = new AbortController();
  const arrivedMs = Date.now();
  const outcome = await demoOutcome({ db, log }, { config, demo, signal });
  assert(outcome !== null);
  const lines = (await Deno.readTextFile(path)).split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  const recounted = await recount(lines, {
    domain: demo.domain,
    pseudonymKey: KEY,
    partitions,
    model,
    languages: ["en"],
    arrivedMs,
  });
  await checkViews(db, recounted);
  await checkToots(db, recounted);
  const files = await Array.fromAsync(Deno.readDir(reports));
  await checkSummary(db, { recounted, outcome, nFiles: files.length });
  await Deno.remove(reports, { recursive: true });
  return recounted;
}

async function checkViews(db: Database, recounted: Recounted): Promise<void> {
  const read = async (view: string, columns: string) =>
    sorted((await db.query(`SELECT ${columns} FROM masto.${view}`)).map(viewRow));
  const bounds = "window_start, window_end, is_final";
  const sentiment = "n_pos::int, n_neg::int, n_neu::int, avg_prob_pos";
  const views: [view: string, columns: string, expected: ViewRow[]][] = [
    ["toot_metrics_windowed", `${bounds}, lang, n_toots, avg_length`, langRows(recounted)],
    [
      "user_avg_length_windowed",
      `${bounds}, account_id, n_toots, avg_length`,
      authorRows(recounted),
    ],
    ["sentiment_windowed", `${bounds}, lang, n_scored, ${sentiment}`, sentimentRows(recounted)],
    ["v_sentiment_daily", `day::text, n_toosts::int, ${sentiment}`, dailyRows(recounted)],
  ];
  for (const [view, columns, expected] of views) {
    assertGreater(expected.length, 0, view);
    assertRows(await read(view, columns), expected, view);
  }
}

async function checkToots(db: Database, { toots }: Recounted): Promise<void> {
  const rows = await db.query(
    `SELECT r.id, r.created_at, r.edited_at, r.lang, r.account_id, r.acct, r.content_txt, r.is_late,
            r.hashtags, l.id IS NOT NULL AS in_late_events, s.label_str, s.prob_pos,
            s.lang AS score_lang
     FROM masto.toots_raw r LEFT JOIN masto.late_events l USING (instance, id)
     LEFT JOIN masto.toots_sentiment s USING (instance, id)`,
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  assertEquals(rows.length, toots.length);
  for (const toot of toots) {
    assertEquals(byId.get(toot.id), {
      id: toot.id,
      created_at: new Date(toot.createdMs),
      edited_at: toot.editedMs === null ? null : new Date(toot.editedMs),
      lang: toot.lang,
      account_id: toot.account,
      acct: null,
      content_txt: toot.text,
      is_late: toot.isLate,
      hashtags: toot.hashtags,
      in_late_events: toot.isLate,
      label_str: toot.score?.label ?? null,
      prob_pos: toot.score === null ? null : toot.score.micro / 1e6,
      score_lang: toot.score?.lang ?? null,
    });
  }
}

async function checkSummary(
  db: Database,
  { recounted, outcome, nFiles }: {
    recounted: Recounted;
    outcome: Omit<DemoOutcome, "dataDir" | "reportsDir" | "seconds">;
    nFiles: number;
  },
): Promise<void> {
  const text = renderDemoSummary({
    ...outcome,
    dataDir: "data",
    reportsDir: "reports",
    seconds: 1,
  });
  const summary = readSummary(text);
  const { counts, toots } = recounted;
  const windows = langRows(recounted);
  const expected: Record<string, number[]> = {
    Frames: [counts.frames],
    Toots: [counts.toots, counts.late],
    Edits: [counts.edits, counts.stale],
    Deletes: [0, 0],
    Duplicates: [counts.duplicates],
    "After delete": [0],
    "Opted out": [counts.optedOut],
    "Not public": [counts.notPublic],
    Boosts: [counts.boosts],
    "Other events": [0],
    "Dead letters": [counts.deadLetters],
    Windows: [windows.length, windows.filter((row) => row.is_final).length],
    Stored: [toots.length, new Set(toots.map(({ account }) => account)).size],
    Sentiment: shares(recounted),
  };
  if (counts.copies > 0) expected.Copies = [counts.copies];
  for (const [name, numbers] of Object.entries(expected)) {
    assertEquals(numbersOf(summary, name), numbers, name);
  }
  const times = toots.map(({ createdMs }) => createdMs);
  const minute = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace("T", " ");
  assertEquals(
    summary.get("Range"),
    `${minute(Math.min(...times))} to ${minute(Math.max(...times) + 1)} UTC`,
  );
  assertEquals(summary.get("Hashtags"), topHashtags(recounted));
  await checkRising(db, { recounted, rising: summary.get("Rising") });
  assertEquals(/and (\d+) more/.exec(text)?.[1], String(nFiles - 8));
}

/** Shares of positive, neutral and negative in whole percent, and of how many. */
function shares({ toots }: Recounted): number[] {
  const labels = toots.flatMap(({ score }) => score === null ? [] : [score.label]);
  const share = (label: string) =>
    Math.round(100 * labels.filter((other) => other === label).length / labels.length);
  return [share("positive"), share("neutral"), share("negative"), labels.length];
}

/** Of hashtags that at least five people use, the six most used. */
function topHashtags({ toots }: Recounted): string {
  const users = new Map<string, string[]>();
  for (const { hashtags, account } of toots) {
    for (const name of hashtags) users.set(name, [...users.get(name) ?? [], account]);
  }
  return [...users].map(([name, uses]) => ({ name, n: uses.length, people: new Set(uses).size }))
    .filter(({ people }) => people >= 5)
    .sort((a, b) => b.n - a.n || b.people - a.people || (a.name < b.name ? -1 : 1))
    .slice(0, 6).map(({ name, n }) => `#${name} ${n}`).join(", ");
}

async function checkRising(
  db: Database,
  { recounted, rising }: { recounted: Recounted; rising: string | undefined },
): Promise<void> {
  if (rising === undefined) return;
  const [, name = "", n] = /^#(\S+) \((\d+) toots\)$/.exec(rising) ?? [];
  const [{ now_from } = {}] = await db.query("SELECT now_from FROM masto.batch_run");
  assert(now_from instanceof Date);
  const uses = recounted.toots.filter(({ hashtags, createdMs }) =>
    hashtags.includes(name) && createdMs >= now_from.getTime()
  );
  assertEquals(n, String(uses.length));
}

function viewRow(row: Record<string, unknown>): ViewRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (value instanceof Date) return [name, value.toISOString()];
      if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
        return [name, value];
      }
      throw new Error(`Unexpected value in ${name}`);
    }),
  );
}

Deno.test("a made-up recording comes to what its lines say", async () => {
  const source = generatorSource({ seed: 11, events: 2500, days: 2, hugeStatuses: 1 });
  const lines = [...source.frames()].filter(({ event }) => event?.endsWith("update") ?? false)
    .map(({ payload }) => payload ?? "");
  const path = await Deno.makeTempFile({ suffix: ".jsonl" });
  await Deno.writeTextFile(path, [...lines, ...SPECIAL_LINES].join("\n") + "\n");
  const { counts } = await checkRecording(path, { partitions: 3 });
  for (const [name, n] of Object.entries(counts)) {
    if (name !== "copies") assertGreater(n, 0, `the recording should hold some ${name}`);
  }
  await Deno.remove(path);
});

Deno.test({
  name: "600 real toots come to what their lines say",
  ignore: !await exists(REAL),
  async fn() {
    const path = decodeURIComponent(REAL.pathname);
    const contents = (await Deno.readTextFile(path)).match(/(?<="content": )"(?:[^"\\]|\\.)*"/g) ??
      [];
    const plain = contents.filter((json) => simpleText(JSON.parse(json)) !== null);
    assertEquals(plain.length, contents.length, "each text should be read without our parser");
    assertGreater(plain.length, 599);
    const { counts } = await checkRecording(path, { partitions: 4 });
    assertEquals(counts.frames, 600);
  },
});

async function exists(url: URL): Promise<boolean> {
  try {
    await Deno.stat(url);
    return true;
  } catch {
    return false;
  }
}
