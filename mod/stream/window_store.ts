/**
 * Adds deltas to the window tables. Rows are written in key order, so that workers whose batches
 * meet in a window wait for each other instead of deadlocking.
 *
 * @module
 */
import type { Sql } from "../db/database.ts";
import type { DeltaMap, WindowDeltas } from "./deltas.ts";

/**
 * Adds all deltas; windows that come out empty are removed. The few rows that every worker adds to,
 * those of languages, come last: they stay locked until the transaction ends.
 */
export async function addDeltas(tx: Sql, deltas: WindowDeltas): Promise<void> {
  await addLengths(tx, {
    table: "user_length_sums",
    name: "account_id",
    rows: sorted(deltas.byAuthor),
  });
  await addLengths(tx, { table: "toot_metrics_sums", name: "lang", rows: sorted(deltas.byLang) });
  await addSentiment(tx, deltas);
}

interface DeltaRow<D> {
  /** The window's start as text, made once for all of its rows: drivers take long over dates. */
  readonly start: string;
  readonly name: string;
  readonly delta: D;
}

async function addLengths(
  tx: Sql,
  { table, name, rows }: {
    table: "toot_metrics_sums" | "user_length_sums";
    name: "lang" | "account_id";
    rows: readonly DeltaRow<{ toots: number; length: number }>[];
  },
): Promise<void> {
  const changed = rows.filter(({ delta }) => delta.toots !== 0 || delta.length !== 0);
  if (changed.length === 0) return;
  await tx.query(
    `INSERT INTO masto.${table} AS w (window_start, ${name}, n_toots, sum_length)
     SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::int[], $4::int8[])
     ON CONFLICT (window_start, ${name}) DO UPDATE SET
       n_toots = w.n_toots + excluded.n_toots, sum_length = w.sum_length + excluded.sum_length`,
    [
      changed.map((row) => row.start),
      changed.map((row) => row.name),
      changed.map((row) => row.delta.toots),
      changed.map((row) => row.delta.length),
    ],
  );
  await removeEmpty(tx, {
    table,
    name,
    count: "n_toots",
    rows: changed.filter(({ delta }) => delta.toots < 0),
  });
}

/** Adds the deltas of sentiment windows alone. */
export async function addSentiment(
  tx: Sql,
  { sentiment }: Pick<WindowDeltas, "sentiment">,
): Promise<void> {
  const changed = sorted(sentiment).filter(({ delta }) =>
    delta.scored !== 0 || delta.probMicro !== 0 || delta.positive !== 0 || delta.negative !== 0
  );
  if (changed.length === 0) return;
  await tx.query(
    `INSERT INTO masto.sentiment_sums AS w
       (window_start, lang, n_scored, n_pos, n_neg, n_neu, sum_prob_micro)
     SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::int[], $4::int[], $5::int[],
                          $6::int[], $7::int8[])
     ON CONFLICT (window_start, lang) DO UPDATE SET
       n_scored = w.n_scored + excluded.n_scored, n_pos = w.n_pos + excluded.n_pos,
       n_neg = w.n_neg + excluded.n_neg, n_neu = w.n_neu + excluded.n_neu,
       sum_prob_micro = w.sum_prob_micro + excluded.sum_prob_micro`,
    [
      changed.map((row) => row.start),
      changed.map((row) => row.name),
      changed.map((row) => row.delta.scored),
      changed.map((row) => row.delta.positive),
      changed.map((row) => row.delta.negative),
      changed.map((row) => row.delta.neutral),
      changed.map((row) => row.delta.probMicro),
    ],
  );
  await removeEmpty(tx, {
    table: "sentiment_sums",
    name: "lang",
    count: "n_scored",
    rows: changed.filter(({ delta }) => delta.scored < 0),
  });
}

async function removeEmpty(
  tx: Sql,
  { table, name, count, rows }: {
    table: "toot_metrics_sums" | "user_length_sums" | "sentiment_sums";
    name: "lang" | "account_id";
    count: "n_toots" | "n_scored";
    rows: readonly DeltaRow<unknown>[];
  },
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
