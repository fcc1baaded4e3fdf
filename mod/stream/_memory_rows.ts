import type { Row } from "../db/database.ts";
import type { LateEvent } from "./reduce.ts";
import type { Score, TootRow } from "./toot_state.ts";

/** The group, topic and model that the rows name. */
export const NAMES = { group: "g", topic: "t", model: "m1" } as const;

/** The row of `toots_raw`. */
export function tootRow(row: TootRow): Row {
  const { toot } = row;
  return {
    instance: row.instance,
    id: row.id,
    uri: row.uri,
    created_at: new Date(row.createdMs),
    edited_at: row.editedMs === null ? null : new Date(row.editedMs),
    lang: row.lang,
    account_id: row.accountId,
    acct: toot.acct,
    is_bot: toot.is_bot,
    is_late: row.isLate,
    content_txt: toot.text,
    // The separator of the tables' arrays is left out.
    hashtags: toot.hashtags.map((tag) => tag.replaceAll("\u001f", "")).filter((tag) => tag !== ""),
    in_reply_to_id: toot.in_reply_to_id,
    visibility: toot.visibility,
    replies_count: toot.replies,
    reblogs_count: toot.reblogs,
    favourites_count: toot.favourites,
    media_count: toot.media,
    raw: toot.raw ?? null,
    ingested_at: new Date(row.ingestedMs),
  };
}

/** The row of `toots_sentiment` for a prediction. */
export function predictionRow({ instance, id, createdMs, toot }: TootRow, score: Score): Row {
  return {
    instance,
    id,
    created_at: new Date(createdMs),
    lang: score.lang,
    text: toot.text,
    label_bin: score.probability >= 0.5 ? 1 : 0,
    prob_pos: score.probability,
    label_str: score.label,
    model_version: NAMES.model,
  };
}

/** The row of `late_events`. */
export function lateRow(event: LateEvent): Row {
  return {
    instance: event.instance,
    id: event.id,
    created_at: new Date(event.createdMs),
    window_start: new Date(event.windowStartMs),
    watermark: new Date(event.watermarkMs),
    topic: NAMES.topic,
    partition: event.partition,
    record_offset: String(event.offset),
    seen_at: new Date(event.arrivedMs),
  };
}

/** The rows of `v_sentiment_daily`. */
export function dailyRows(predictions: readonly Row[]): Row[] {
  const day = ({ created_at }: Row) =>
    created_at instanceof Date ? created_at.toISOString().slice(0, 10) : "";
  return [...Map.groupBy(predictions, day)].map(([day, rows]) => {
    const n = (label: string) => String(rows.filter(({ label_str }) => label_str === label).length);
    const micro = rows.reduce((sum, { prob_pos }) => sum + Math.round(Number(prob_pos) * 1e6), 0);
    return {
      day,
      n_toosts: String(rows.length),
      n_pos: n("positive"),
      n_neg: n("negative"),
      n_neu: n("neutral"),
      avg_prob_pos: micro / rows.length / 1e6,
    };
  });
}
