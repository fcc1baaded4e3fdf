/**
 * Adds deltas to the window tables. Rows are written in key order, so that workers whose batches
 * meet in a window wait for each other instead of deadlocking.
 *
 * @module
 */
import { CombinedStatement } from "../db/combined_statement.ts";
import type { Sql } from "../db/database.ts";
import type { DeltaMap, LengthDelta, SentimentDelta, WindowDeltas } from "./deltas.ts";

/**
 * Adds all deltas, in one statement with whatever else is to be changed; windows that come out empty
 * are removed. To be called late in a transaction: until its end, others wait for these windows.
 */
export async function addDeltas(
  tx: Sql,
  deltas: WindowDeltas,
  statement: CombinedStatement = new CombinedStatement(),
): Promise<void> {
  const byLang = { ...LANG_LENGTHS, rows: sorted(deltas.byLang).filter(hasLength) };
  const byAuthor = { ...AUTHOR_LENGTHS, rows: sorted(deltas.byAuthor).filter(hasLength) };
  const sentiment = sorted(deltas.sentiment).filter(hasSentiment);
  addSentiment(statement, sentiment);
  addLengths(statement, byLang);
  addLengths(statement, byAuthor);
  await statement.run(tx);
  for (const { rows, ...where } of [byLang, byAuthor]) {
    await removeEmpty(tx, { ...where, rows: rows.filter(({ delta }) => delta.toots < 0) });
  }
  const less = sentiment.filter(({ delta }) => delta.scored < 0);
  await removeEmpty(tx, { ...LANG_SENTIMENT, rows: less });
}

const LANG_LENGTHS = { table: "toot_metrics_sums", name: "lang", count: "n_toots" } as const;
const AUTHOR_LENGTHS = { table: "user_length_sums", name: "account_id", count: "n_toots" } as const;
const LANG_SENTIMENT = { table: "sentiment_sums", name: "lang", count: "n_scored" } as const;

/** A table of windows: what names its rows beside their start, and what they count. */
type WindowTable = typeof LANG_LENGTHS | typeof AUTHOR_LENGTHS | typeof LANG_SENTIMENT;

interface DeltaRow<D> {
  /** The window's start as text, made once for all of its rows: drivers take long over dates. */
  readonly start: string;
  readonly name: string;
  readonly delta: D;
}

function hasLength({ delta }: DeltaRow<LengthDelta>): boolean {
  return delta.toots !== 0 || delta.length !== 0;
}

function hasSentiment({ delta }: DeltaRow<SentimentDelta>): boolean {
  return delta.scored !== 0 || delta.probMicro !== 0 || delta.positive !== 0 ||
    delta.negative !== 0;
}

function addLengths(
  statement: CombinedStatement,
  { table, name, rows }: (typeof LANG_LENGTHS | typeof AUTHOR_LENGTHS) & {
    rows: readonly DeltaRow<LengthDelta>[];
  },
): void {
  if (rows.length === 0) return;
  statement.add((bind) =>
    `INSERT INTO masto.${table} AS w (window_start, ${name}, n_toots, sum_length)
     SELECT * FROM unnest(
       ${bind(rows.map((row) => row.start))}::timestamptz[],
       ${bind(rows.map((row) => row.name))}::text[],
       ${bind(rows.map((row) => row.delta.toots))}::int[],
       ${bind(rows.map((row) => row.delta.length))}::int8[])
     ON CONFLICT (window_start, ${name}) DO UPDATE SET
       n_toots = w.n_toots + excluded.n_toots, sum_length = w.sum_length + excluded.sum_length`
  );
}

function addSentiment(
  statement: CombinedStatement,
  rows: readonly DeltaRow<SentimentDelta>[],
): void {
  if (rows.length === 0) return;
  statement.add((bind) =>
    `INSERT INTO masto.sentiment_sums AS w
       (window_start, lang, n_scored, n_pos, n_neg, n_neu, sum_prob_micro)
     SELECT * FROM unnest(
       ${bind(rows.map((row) => row.start))}::timestamptz[],
       ${bind(rows.map((row) => row.name))}::text[],
       ${bind(rows.map((row) => row.delta.scored))}::int[],
       ${bind(rows.map((row) => row.delta.positive))}::int[],
       ${bind(rows.map((row) => row.delta.negative))}::int[],
       ${bind(rows.map((row) => row.delta.neutral))}::int[],
       ${bind(rows.map((row) => row.delta.probMicro))}::int8[])
     ON CONFLICT (window_start, lang) DO UPDATE SET
       n_scored = w.n_scored + excluded.n_scored, n_pos = w.n_pos + excluded.n_pos,
       n_neg = w.n_neg + excluded.n_neg, n_neu = w.n_neu + excluded.n_neu,
       sum_prob_micro = w.sum_prob_micro + excluded.sum_prob_micro`
  );
}

async function removeEmpty(
  tx: Sql,
  { table, name, count, rows }: WindowTable & { rows: readonly DeltaRow<unknown>[] },
): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `DELETE FROM masto.${table} w
     USING unnest($1::timestamptz[], $2::text[]) AS k(window_start, name)
     WHERE w.window_start = k.window_start AND w.${name} = k.name AND w.${count} = 0`,
    [rows.map((row) => row.start), rows.map((row) => row.name)],
  );
}

function sorted<D>(map: DeltaMap<D>): DeltaRow<D>[] {
  const rows: DeltaRow<D>[] = [];
  for (const start of [...map.keys()].sort((a, b) => a - b)) {
    const names = map.get(start);
    if (names === undefined) continue;
    const text = new Date(start).toISOString();
    for (const name of [...names.keys()].sort()) {
      const delta = names.get(name);
      if (delta !== undefined) rows.push({ start: text, name, delta });
    }
  }
  return rows;
}
