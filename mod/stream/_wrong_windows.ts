import type { Database, Row } from "../db/database.ts";

/** What the windows must come to, computed from the rows. $1: their length in seconds. */
const SUMS = {
  toot_metrics_sums: `
    SELECT date_bin(make_interval(secs => $1), created_at, 'epoch'), lang, count(*)::int,
      sum(char_length(content_txt))::int8
    FROM masto.toots_raw WHERE NOT is_late GROUP BY 1, 2`,
  user_length_sums: `
    SELECT date_bin(make_interval(secs => $1), created_at, 'epoch'), account_id,
      count(*)::int, sum(char_length(content_txt))::int8
    FROM masto.toots_raw WHERE NOT is_late GROUP BY 1, 2`,
  sentiment_sums: `
    SELECT date_bin(make_interval(secs => $1), r.created_at, 'epoch'), s.lang, count(*)::int,
      (count(*) FILTER (WHERE label_str = 'positive'))::int,
      (count(*) FILTER (WHERE label_str = 'negative'))::int,
      (count(*) FILTER (WHERE label_str = 'neutral'))::int,
      sum(round(prob_pos::numeric * 1000000))::int8
    FROM masto.toots_sentiment s JOIN masto.toots_raw r USING (instance, id)
    WHERE NOT r.is_late GROUP BY 1, 2`,
} as const;

/** Windows whose sums are not those of the rows that they stand for, from both sides. */
export async function wrongWindows(db: Database, windowS: number): Promise<Row[]> {
  const differing = await Promise.all(
    Object.entries(SUMS).map(([sums, rows]) =>
      db.query(
        `(SELECT '${sums}' AS of, 'window' AS side, * FROM masto.${sums}
          EXCEPT ALL SELECT '${sums}', 'window', * FROM (${rows}) r)
         UNION ALL
         (SELECT '${sums}', 'rows', * FROM (${rows}) r
          EXCEPT ALL SELECT '${sums}', 'rows', * FROM masto.${sums})`,
        [windowS],
      )
    ),
  );
  return differing.flat();
}
