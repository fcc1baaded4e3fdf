import type { Database, Row } from "../db/database.ts";

/**
 * The contents of all tables and views that the stream writes, in a form that can be compared: columns
 * as in SQL, times as ISO text, rows in the order of their keys.
 */
export interface Tables {
  readonly toots_raw: Row[];
  readonly toots_sentiment: Row[];
  readonly tombstones: Row[];
  readonly late_events: Row[];
  readonly toot_metrics_windowed: Row[];
  readonly user_avg_length_windowed: Row[];
  readonly sentiment_windowed: Row[];
  readonly v_sentiment_daily: Row[];
  readonly stream_progress: Row[];
}

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
] as const satisfies (keyof Tables)[];

/** What tells the rows of a table apart. */
const KEYS = ["instance", "id", "day", "window_start", "lang", "account_id", "topic", "partition"];

/** Reads everything from a database. */
export async function readTables(db: Database): Promise<Tables> {
  const found: Record<string, Row[]> = {};
  for (const name of NAMES) {
    found[name] = comparable(await db.query(`SELECT * FROM masto.${name}`));
  }
  return tablesOf((name) => found[name] ?? []);
}

/** Brings rows from anywhere into the comparable form. */
export function tablesOf(rowsOf: (name: keyof Tables) => readonly Row[]): Tables {
  const table = (name: keyof Tables) => comparable(rowsOf(name));
  return {
    toots_raw: table("toots_raw"),
    toots_sentiment: table("toots_sentiment"),
    tombstones: table("tombstones"),
    late_events: table("late_events"),
    toot_metrics_windowed: table("toot_metrics_windowed"),
    user_avg_length_windowed: table("user_avg_length_windowed"),
    sentiment_windowed: table("sentiment_windowed"),
    // An average of numerics and one of doubles may differ in the last digit.
    v_sentiment_daily: table("v_sentiment_daily").map((row) => ({
      ...row,
      avg_prob_pos: Number(row.avg_prob_pos).toPrecision(12),
    })),
    stream_progress: table("stream_progress"),
  };
}

function comparable(rows: readonly Row[]): Row[] {
  const keyed = rows.map((row): [key: string, row: Row] => {
    const plain = Object.fromEntries(
      Object.entries(row)
        // When a row was touched last is no fact of the log.
        .filter(([name]) => name !== "updated_at")
        .sort(([a], [b]) => a < b ? -1 : 1)
        .map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value]),
    );
    return [JSON.stringify(KEYS.map((name) => plain[name] ?? null)), plain];
  });
  return keyed.sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0).map(([, row]) => row);
}
