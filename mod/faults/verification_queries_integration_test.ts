import { assert, assertEquals, assertGreater } from "@std/assert";
import { z } from "zod";
import { findModel } from "../sentiment/mod.ts";
import { tootScorer } from "../stream/mod.ts";
import { type PostgresServer, startTask } from "../testing/mod.ts";
import { GRACE_S, WINDOW_S } from "./_batch.ts";
import { readLog, recount } from "./_recount.ts";
import { simulatedRecords } from "./_records.ts";
import { appendAll, startRig } from "./_rig.ts";

/** The original pipeline's commands, word for word. */
const COUNT = "SELECT COUNT(*) FROM masto.toots_sentiment;";
const LATEST = "SELECT id, created_at, lang, LEFT(text, 80), label_bin, " +
  "ROUND(prob_pos::numeric, 3), label_str FROM masto.toots_sentiment " +
  "ORDER BY created_at DESC LIMIT 10;";
const DAILY = "SELECT * FROM masto.v_sentiment_daily ORDER BY day DESC LIMIT 7;";

const factShape = z.object({ id: z.string(), created_at: z.string() });
const scoreShape = z.object({ id: z.string(), prob_pos: z.number(), label_str: z.string() });

interface Scored {
  readonly createdAt: string;
  readonly probability: number;
  readonly label: string;
}

Deno.test("the original pipeline's queries work in psql as they stand", async () => {
  const login = { user: "airflow", password: "airflow", database: "airflow" };
  await using rig = await startRig({ postgres: login });
  const topics = await rig.makeTopics(4);
  const records = simulatedRecords({ seed: 13, events: 5000, days: 9 });
  await appendAll(rig.log, { topic: topics.topic, records });
  // The job makes the schema: this is its first contact with the database.
  const env = rig.env({ url: rig.postgres.jdbcUrl }, topics);
  await using job = await startTask("stream", ["--once"], {
    env: { ...env, PG_USER: login.user, PG_PASS: login.password },
  });
  assertEquals((await job.end()).code, 0, job.output);

  const expected = await scoredToots(await readLog(rig.log, topics.topic));
  assertGreater(expected.length, 500);
  assertEquals(await table(rig.postgres, COUNT), {
    columns: ["count"],
    rows: [[String(expected.length)]],
  });

  const latest = await table(rig.postgres, LATEST);
  assertEquals(latest.columns, [
    "id",
    "created_at",
    "lang",
    "left",
    "label_bin",
    "round",
    "label_str",
  ]);
  const ten = expected.toSorted((a, b) => a.createdAt < b.createdAt ? 1 : -1).slice(0, 10);
  assertEquals(latest.rows.map((row) => row[1]), ten.map(({ createdAt }) => createdAt));
  for (const [id, , lang, text, bin, rounded, label] of latest.rows) {
    assert(/^\d+$/.test(id ?? "") && lang !== "" && Array.from(text ?? "").length <= 80, `${text}`);
    assert(/^0\.\d{3}$|^1\.000$/.test(rounded ?? ""), rounded);
    const p = Number(rounded);
    assertEquals(bin, p >= 0.5 ? "1" : "0");
    assertEquals(label, p <= 0.45 ? "negative" : p >= 0.55 ? "positive" : "neutral");
  }

  const daily = await table(rig.postgres, DAILY);
  assertEquals(daily.columns, ["day", "n_toosts", "n_pos", "n_neg", "n_neu", "avg_prob_pos"]);
  const days = Map.groupBy(expected, ({ createdAt }) => createdAt.slice(0, 10));
  const seven = [...days].sort(([a], [b]) => a < b ? 1 : -1).slice(0, 7);
  assertEquals(seven.length, 7);
  assertEquals(
    daily.rows.map((row) => row.slice(0, 5)),
    seven.map(([day, list]) => [day, ...[list, ...byLabel(list)].map(({ length }) => `${length}`)]),
  );
  for (const [i, [, list]] of seven.entries()) {
    const mean = list.reduce((sum, { probability }) => sum + probability, 0) / list.length;
    assert(Math.abs(Number(daily.rows[i]?.[5]) - mean) < 1e-9, `${daily.rows[i]}`);
  }
});

/** What a plain recount of the log says is scored. */
async function scoredToots(log: Awaited<ReturnType<typeof readLog>>): Promise<Scored[]> {
  const { model } = await findModel();
  const scorer = tootScorer(model, { languages: ["en"], thresholds: { low: 0.45, high: 0.55 } });
  const tables = recount(log, {
    windowMs: WINDOW_S * 1000,
    graceMs: GRACE_S * 1000,
    score: (text, lang) => scorer.score(text, lang),
  });
  const created = new Map((tables.get("toots_raw") ?? []).map((line) => {
    const row = factShape.parse(JSON.parse(line));
    return [row.id, row.created_at];
  }));
  return (tables.get("toots_sentiment") ?? []).map((line) => {
    const { id, prob_pos: probability, label_str: label } = scoreShape.parse(JSON.parse(line));
    return { createdAt: shown(created.get(id) ?? ""), probability, label };
  });
}

/** A time as psql shows one without a zone: `2026-01-05 10:20:30.5`. */
function shown(iso: string): string {
  return iso.replace("T", " ").replace("Z", "").replace(/0+$/, "").replace(/\.$/, "");
}

function byLabel(list: readonly Scored[]): Scored[][] {
  return ["positive", "negative", "neutral"].map((label) => list.filter((s) => s.label === label));
}

/** Runs `psql -U airflow -d airflow -c "…"` and reads the table that it draws. */
async function table(
  server: PostgresServer,
  query: string,
): Promise<{ columns: string[]; rows: string[][] }> {
  const { success, stdout, stderr } = await new Deno.Command("psql", {
    args: ["-U", server.user, "-d", server.database, "-c", query],
    env: {
      PGHOST: server.host,
      PGPORT: String(server.port),
      PGPASSWORD: server.password ?? "",
      PAGER: "",
    },
    stdin: "null",
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
  // A text that holds a line break is marked by a plus sign and goes on in a line without an id.
  const cells = (line: string) =>
    line.replaceAll(/ *\+\|/g, " |").split(" | ").map((cell) => cell.trim());
  const count = /^\((\d+) rows?\)$/.exec(lines.at(-1) ?? "")?.[1];
  const rows = lines.slice(2, -1).map(cells).filter(([first]) => first !== "");
  assertEquals(rows.length, Number(count), lines.join("\n"));
  return { columns: cells(lines[0] ?? ""), rows };
}
