/**
 * Writes toots, their predictions, tombstones and late events in bulk: new rows by COPY, changes by
 * one statement with an array per column.
 *
 * @module
 */
import { BinaryCopy } from "../db/binary_copy.ts";
import type { Sql } from "../db/database.ts";
import type { BatchChanges, LateEvent } from "./reduce.ts";
import { idColumns } from "./toot_keys.ts";
import type { TootId, TootRow } from "./toot_state.ts";

/** Parts hashtags in one array element: `unnest` would flatten an array of arrays. */
const SEPARATOR = "\u001f";

/** Writes all of a batch's changes but windows and position. */
export async function writeToots(
  tx: Sql,
  { changes, topic, modelVersion }: {
    changes: BatchChanges;
    /** Where late events were read. */
    topic: string;
    modelVersion: string | null;
  },
): Promise<void> {
  // Sent in this order without waiting for answers. Removals first: an insert may take over the uri
  // of a toot that this batch deletes.
  await Promise.all([
    removeToots(tx, changes.removals),
    insertTombstones(tx, changes.tombstones),
    insertToots(tx, changes.inserts),
    updateToots(tx, changes.updates),
    deletePredictions(tx, changes.unscored),
    ...modelVersion === null ? [] : [
      insertPredictions(tx, { predictions: predictionsOf(changes.inserts), modelVersion }),
      writePredictions(tx, { predictions: predictionsOf(changes.updates), modelVersion }),
    ],
    insertLateEvents(tx, { events: changes.lateEvents, topic }),
  ]);
}

/** Removes toots and everything that was derived from them. */
export async function removeToots(tx: Sql, ids: readonly TootId[]): Promise<void> {
  if (ids.length === 0) return;
  const params = idColumns(ids);
  await Promise.all(["toots_sentiment", "late_events", "toots_raw"].map((table) =>
    tx.query(
      `DELETE FROM masto.${table} t USING unnest($1::text[], $2::int8[]) AS k(instance, id)
       WHERE t.instance = k.instance AND t.id = k.id`,
      params,
    )
  ));
}

async function insertTombstones(
  tx: Sql,
  rows: BatchChanges["tombstones"],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `INSERT INTO masto.tombstones (instance, id, deleted_at)
     SELECT * FROM unnest($1::text[], $2::int8[], $3::timestamptz[])
     ON CONFLICT DO NOTHING`,
    [...idColumns(rows), rows.map((row) => new Date(row.deletedMs))],
  );
}

async function insertToots(tx: Sql, rows: readonly TootRow[]): Promise<void> {
  if (rows.length === 0) return;
  const copy = new BinaryCopy(20, { capacity: rows.length * 1024 });
  for (const row of rows) {
    const { toot } = row;
    copy.row().text(row.instance).int8(row.id).text(row.uri).timestamp(row.createdMs)
      .timestamp(row.editedMs).text(row.lang).text(row.accountId).text(toot.acct)
      .bool(toot.is_bot).bool(row.isLate).text(toot.text).textArray(storable(toot.hashtags))
      .text(toot.in_reply_to_id).text(toot.visibility).int4(toot.replies).int4(toot.reblogs)
      .int4(toot.favourites).int4(toot.media)
      .jsonb(toot.raw === undefined ? null : JSON.stringify(toot.raw)).timestamp(row.ingestedMs);
  }
  await tx.copyIn(
    `masto.toots_raw
       (instance, id, uri, created_at, edited_at, lang, account_id, acct, is_bot, is_late,
        content_txt, hashtags, in_reply_to_id, visibility, replies_count, reblogs_count,
        favourites_count, media_count, raw, ingested_at)`,
    copy.finish(),
  );
}

async function updateToots(tx: Sql, rows: readonly TootRow[]): Promise<void> {
  if (rows.length === 0) return;
  // What the first arrival settled stays: uri, is_late, ingested_at.
  await tx.query(
    `UPDATE masto.toots_raw t SET
       edited_at = r.edited_at, lang = r.lang, account_id = r.account_id, acct = r.acct,
       is_bot = r.is_bot, content_txt = r.content_txt,
       hashtags = string_to_array(r.hashtags, E'\\x1f'), in_reply_to_id = r.in_reply_to_id,
       visibility = r.visibility, replies_count = r.replies, reblogs_count = r.reblogs,
       favourites_count = r.favourites, media_count = r.media, raw = r.raw::jsonb,
       created_at = r.created_at
     FROM unnest($1::text[], $2::int8[], $3::timestamptz[], $4::text[], $5::text[], $6::text[],
                 $7::bool[], $8::text[], $9::text[], $10::text[], $11::text[], $12::int[],
                 $13::int[], $14::int[], $15::int[], $16::text[], $17::timestamptz[])
       AS r(instance, id, edited_at, lang, account_id, acct, is_bot, content_txt, hashtags,
            in_reply_to_id, visibility, replies, reblogs, favourites, media, raw, created_at)
     WHERE t.instance = r.instance AND t.id = r.id`,
    [
      ...idColumns(rows),
      rows.map((row) => row.editedMs === null ? null : new Date(row.editedMs)),
      rows.map((row) => row.lang),
      rows.map((row) => row.accountId),
      rows.map((row) => row.toot.acct),
      rows.map((row) => row.toot.is_bot),
      rows.map((row) => row.toot.text),
      rows.map((row) => storable(row.toot.hashtags).join(SEPARATOR)),
      rows.map((row) => row.toot.in_reply_to_id),
      rows.map((row) => row.toot.visibility),
      rows.map((row) => row.toot.replies),
      rows.map((row) => row.toot.reblogs),
      rows.map((row) => row.toot.favourites),
      rows.map((row) => row.toot.media),
      rows.map((row) => row.toot.raw === undefined ? null : JSON.stringify(row.toot.raw)),
      rows.map((row) => new Date(row.createdMs)),
    ],
  );
}

async function deletePredictions(tx: Sql, ids: readonly TootId[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(
    `DELETE FROM masto.toots_sentiment t USING unnest($1::text[], $2::int8[]) AS k(instance, id)
     WHERE t.instance = k.instance AND t.id = k.id`,
    idColumns(ids),
  );
}

function predictionsOf(rows: readonly TootRow[]): Prediction[] {
  return rows.flatMap(({ instance, id, createdMs, toot, score }) =>
    score === null ? [] : [{ instance, id, createdMs, text: toot.text, ...score }]
  );
}

/** Writes predictions of toots that have none. */
async function insertPredictions(
  tx: Sql,
  { predictions, modelVersion }: { predictions: readonly Prediction[]; modelVersion: string },
): Promise<void> {
  if (predictions.length === 0) return;
  const copy = new BinaryCopy(9, { capacity: predictions.length * 640 });
  for (const { instance, id, createdMs, lang, text, probability, label } of predictions) {
    copy.row().text(instance).int8(id).timestamp(createdMs).text(lang).text(text)
      .int4(probability >= 0.5 ? 1 : 0).float8(probability).text(label).text(modelVersion);
  }
  await tx.copyIn(
    `masto.toots_sentiment
       (instance, id, created_at, lang, text, label_bin, prob_pos, label_str, model_version)`,
    copy.finish(),
  );
}

/** A prediction to be stored. */
export interface Prediction extends TootId {
  readonly createdMs: number;
  readonly lang: string;
  readonly text: string;
  readonly probability: number;
  readonly label: string;
}

/** Writes predictions over those that the toots had. */
export async function writePredictions(
  tx: Sql,
  { predictions, modelVersion }: { predictions: readonly Prediction[]; modelVersion: string },
): Promise<void> {
  if (predictions.length === 0) return;
  await tx.query(
    `INSERT INTO masto.toots_sentiment
       (instance, id, created_at, lang, text, label_bin, prob_pos, label_str, model_version)
     SELECT instance, id, created_at AT TIME ZONE 'UTC', lang, text, (prob >= 0.5)::int, prob,
            label, $7
     FROM unnest($1::text[], $2::int8[], $3::timestamptz[], $4::text[], $5::text[], $6::float8[],
                 $8::text[]) AS r(instance, id, created_at, lang, text, prob, label)
     ON CONFLICT (instance, id) DO UPDATE SET
       created_at = excluded.created_at, lang = excluded.lang, text = excluded.text,
       label_bin = excluded.label_bin, prob_pos = excluded.prob_pos,
       label_str = excluded.label_str, model_version = excluded.model_version`,
    [
      ...idColumns(predictions),
      predictions.map((p) => new Date(p.createdMs)),
      predictions.map((p) => p.lang),
      predictions.map((p) => p.text),
      predictions.map((p) => p.probability),
      modelVersion,
      predictions.map((p) => p.label),
    ],
  );
}

async function insertLateEvents(
  tx: Sql,
  { events, topic }: { events: readonly LateEvent[]; topic: string },
): Promise<void> {
  if (events.length === 0) return;
  await tx.query(
    `INSERT INTO masto.late_events
       (instance, id, created_at, window_start, watermark, topic, partition, record_offset,
        seen_at)
     SELECT instance, id, created_at, window_start, watermark, $8, partition, record_offset, seen_at
     FROM unnest($1::text[], $2::int8[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[],
                 $6::int8[], $7::timestamptz[], $9::int[])
       AS r(instance, id, created_at, window_start, watermark, record_offset, seen_at, partition)
     ON CONFLICT DO NOTHING`,
    [
      ...idColumns(events),
      events.map((event) => new Date(event.createdMs)),
      events.map((event) => new Date(event.windowStartMs)),
      events.map((event) => new Date(event.watermarkMs)),
      events.map((event) => event.offset),
      events.map((event) => new Date(event.arrivedMs)),
      topic,
      events.map((event) => event.partition),
    ],
  );
}

/** Hashtags without the separator, which no server lets through. */
function storable(hashtags: readonly string[]): readonly string[] {
  if (!hashtags.some((name) => name.includes(SEPARATOR))) return hashtags;
  return hashtags.map((name) => name.replaceAll(SEPARATOR, "")).filter((name) => name !== "");
}
