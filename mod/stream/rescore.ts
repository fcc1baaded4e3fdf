/**
 * Scores stored toots that the stream has not, or has with an older model; their windows follow in
 * the same transaction.
 *
 * @module
 */
import { z } from "zod";
import { contended } from "../db/contended.ts";
import type { Database, Sql } from "../db/database.ts";
import { unhurried } from "../db/unhurried.ts";
import { WindowDeltas } from "./deltas.ts";
import { readWindowMs } from "./finality.ts";
import { PLAN_BY_INDEX } from "./plan_by_index.ts";
import { idColumns, keyRow, lockToots, tootPages } from "./toot_keys.ts";
import { primaryLanguage, type TootScorer } from "./toot_scorer.ts";
import type { Score, TootId } from "./toot_state.ts";
import { type Prediction, writePredictions } from "./toot_store.ts";
import { addDeltas } from "./window_store.ts";

/** How stored toots are scored. */
export interface RescoreOptions {
  readonly scorer: TootScorer;
  /** Primary language codes that are scored; toots of unknown language are looked at as well. */
  readonly languages: readonly string[];
  /** Toots in one transaction. @default {2000} */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
  /** Hears how far it is. */
  readonly onProgress?: (progress: { looked: number; total: number; written: number }) => void;
}

/** What rescoring came to. */
export interface RescoreResult {
  /** Predictions written. */
  readonly written: number;
  /** Toots of other languages, left alone, by language. */
  readonly skipped: ReadonlyMap<string, number>;
  /** Toots of unknown language that were not recognised as one that is scored. */
  readonly unrecognised: number;
}

const candidateRow = keyRow.extend({
  created_at: z.date(),
  lang: z.string(),
  content_txt: z.string(),
  is_late: z.boolean(),
  score_lang: z.string().nullable(),
  prob_pos: z.number().nullable(),
  label_str: z.enum(["positive", "neutral", "negative"]).nullable(),
});

type Candidate = z.output<typeof candidateRow>;

/** Toots with a text, without a prediction of this model ($1), in a language that is scored ($2). */
const PENDING = `
  LEFT JOIN masto.toots_sentiment s USING (instance, id)
  WHERE r.content_txt <> '' AND s.model_version IS DISTINCT FROM $1
    AND (r.lang = 'und' OR split_part(r.lang, '-', 1) = ANY($2::text[]))`;

/** Without statistics the planner would rather find and sort all that is left than walk the key. */
const PLAN_IN_KEY_ORDER = "SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off";

/** Scores all that is pending. Stopped or killed, a later run goes on where this one ended. */
export async function rescore(db: Database, options: RescoreOptions): Promise<RescoreResult> {
  const { scorer, languages, signal, onProgress } = options;
  const params = [scorer.version, [...languages]];
  const [{ n: total } = { n: 0 }] = z.array(z.object({ n: z.number() })).parse(
    await unhurried(db, `SELECT count(*)::int AS n FROM masto.toots_raw r ${PENDING}`, params),
  );
  let [looked, written] = [0, 0];
  for await (const keys of tootPages((after) => findPending(db, { after, options }), signal)) {
    const batch = await contended(db, (tx) => writeBatch(tx, { keys, options }), {
      opening: PLAN_BY_INDEX,
    });
    looked += batch.looked;
    written += batch.written;
    onProgress?.({ looked, total, written });
  }
  return {
    written,
    skipped: await skippedLanguages(db, languages),
    unrecognised: looked - written,
  };
}

/** Looks for the next toots without locking any: the first time that leads past all that are scored. */
async function findPending(
  db: Database,
  { after, options }: { after: TootId; options: RescoreOptions },
): Promise<TootId[]> {
  const { scorer, languages, batchSize = 2000 } = options;
  const find = (tx: Sql) =>
    tx.query(
      `SELECT r.instance, r.id FROM masto.toots_raw r ${PENDING} AND (r.instance, r.id) > ($3, $4::int8)
       ORDER BY r.instance, r.id LIMIT $5`,
      [scorer.version, [...languages], after.instance, after.id, batchSize],
    );
  const opening = `${PLAN_BY_INDEX}; ${PLAN_IN_KEY_ORDER}`;
  return z.array(keyRow).parse(await db.transaction(find, { opening, unhurried: true }));
}

async function writeBatch(
  tx: Sql,
  { keys, options }: { keys: readonly TootId[]; options: RescoreOptions },
): Promise<{ looked: number; written: number }> {
  const { scorer, languages } = options;
  // An edit or delete meanwhile waits instead of being overwritten.
  const locked = await lockToots(tx, keys);
  const rows = z.array(candidateRow).parse(
    await tx.query(
      `SELECT r.instance, r.id, r.created_at, r.lang, r.content_txt, r.is_late,
              s.lang AS score_lang, s.prob_pos, s.label_str
       FROM unnest($3::text[], $4::int8[]) AS k(instance, id)
       JOIN masto.toots_raw r USING (instance, id) ${PENDING}`,
      [scorer.version, [...languages], ...idColumns(locked)],
    ),
  );
  if (rows.length === 0) return { looked: 0, written: 0 };
  const deltas = new WindowDeltas(await readWindowMs(tx));
  const predictions: Prediction[] = [];
  for (const row of rows) {
    const score = scorer.score(row.content_txt, row.lang);
    if (score === null) continue;
    predictions.push({
      instance: row.instance,
      id: row.id,
      createdMs: row.created_at.getTime(),
      text: row.content_txt,
      ...score,
    });
    if (!row.is_late) replace(deltas, { row, score });
  }
  await writePredictions(tx, { predictions, modelVersion: scorer.version });
  await addDeltas(tx, deltas);
  return { looked: rows.length, written: predictions.length };
}

function replace(deltas: WindowDeltas, { row, score }: { row: Candidate; score: Score }): void {
  const createdMs = row.created_at.getTime();
  const { score_lang: lang, prob_pos: probability, label_str: label } = row;
  if (lang !== null && probability !== null && label !== null) {
    deltas.addScore(createdMs, { score: { lang, probability, label }, sign: -1 });
  }
  deltas.addScore(createdMs, { score, sign: 1 });
}

async function skippedLanguages(
  db: Database,
  languages: readonly string[],
): Promise<Map<string, number>> {
  const rows = z.array(z.object({ lang: z.string(), n: z.number() })).parse(
    await unhurried(
      db,
      `SELECT split_part(lang, '-', 1) AS lang, count(*)::int AS n FROM masto.toots_raw
       WHERE content_txt <> '' AND lang <> 'und'
         AND NOT split_part(lang, '-', 1) = ANY($1::text[])
       GROUP BY 1 ORDER BY 2 DESC, 1`,
      [languages.map(primaryLanguage)],
    ),
  );
  return new Map(rows.map(({ lang, n }) => [lang, n]));
}
