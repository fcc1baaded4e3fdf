import type { Database, Row } from "../db/database.ts";

/** Rows of all tables as lines of text, by table, in the order of the lines. */
export type Tables = ReadonlyMap<string, readonly string[]>;

/** Everything that the stream writes. */
const NAMES = [
  "toots_raw",
  "toots_sentiment",
  "tombstones",
  "late_events",
  "toot_metrics_windowed",
  "user_avg_length_windowed",
  "sentiment_windowed",
  "v_sentiment_daily",
  "stream_progress",
] as const;

/** When a row was touched, and by whom, is no fact of the log. */
const NO_FACTS = ["updated_at", "worker_group"];

/**
 * Reads all tables, each row as the JSON that the database itself makes of it.
 *
 * @param without more columns to leave out, and tables
 */
export async function dump(
  db: Database,
  { without = [] }: { without?: readonly string[] } = {},
): Promise<Tables> {
  const tables = new Map<string, string[]>();
  for (const name of NAMES) {
    if (without.includes(name)) continue;
    const rows = await db.query(
      `SELECT (to_jsonb(t) - $1::text[])::text AS line FROM masto.${name} t`,
      [[...NO_FACTS, ...without]],
    );
    tables.set(name, rows.map(({ line }) => String(line)).sort());
  }
  return tables;
}

/** Columns that a plain recount of the log can tell. */
const FACTS = {
  toots_raw: "instance, id, uri, created_at, edited_at, lang, account_id, is_late, content_txt, " +
    "ingested_at",
  toots_sentiment: "instance, id, lang, label_bin, prob_pos, label_str",
  tombstones: "instance, id, deleted_at",
  late_events: "instance, id, window_start, watermark, partition, record_offset",
  toot_metrics_windowed: "window_start, lang, n_toots, avg_length, is_final",
  user_avg_length_windowed: "window_start, account_id, n_toots, avg_length, is_final",
  sentiment_windowed: "window_start, lang, n_scored, n_pos, n_neg, n_neu, avg_prob_pos, is_final",
  stream_progress: "partition, next_offset, n_records, n_dead_letters",
} as const;

/** Tables that {@linkcode readFacts} reads. */
export type FactTable = keyof typeof FACTS;

/** Reads what {@linkcode recount} counts. */
export async function readFacts(db: Database): Promise<Tables> {
  const tables = new Map<string, string[]>();
  for (const [name, columns] of Object.entries(FACTS)) {
    tables.set(name, factLines(await db.query(`SELECT ${columns} FROM masto.${name}`)));
  }
  return tables;
}

/** Rows as lines, whatever the order of their columns. */
export function factLines(rows: readonly Row[]): string[] {
  return rows.map((row) => JSON.stringify(row, Object.keys(row).sort())).sort();
}

const SHOWN = 3;

/** Throws unless two sets of tables are the same; names what differs, and shows little of it. */
export function assertSameTables(
  actual: Tables,
  expected: Tables,
  { what }: { what: string },
): void {
  const names = new Set([...actual.keys(), ...expected.keys()]);
  const problems = [...names].flatMap((name) => {
    const [found, wanted] = [actual.get(name) ?? [], expected.get(name) ?? []];
    if (found.length === wanted.length && found.every((line, i) => line === wanted[i])) return [];
    const [lost, more] = [minus(wanted, found), minus(found, wanted)];
    return [
      `${name}: ${found.length} rows, ${wanted.length} wanted`,
      ...lost.slice(0, SHOWN).map((line) => `  lacks ${line}`),
      ...more.slice(0, SHOWN).map((line) => `  holds ${line}`),
    ];
  });
  if (problems.length > 0) throw new Error(`${what} differs:\n${problems.join("\n")}`);
}

/** The lines of one list that the other has not, as often as it has not. */
function minus(list: readonly string[], other: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of other) left.set(line, (left.get(line) ?? 0) + 1);
  return list.filter((line) => {
    const n = left.get(line) ?? 0;
    if (n > 0) left.set(line, n - 1);
    return n === 0;
  });
}
