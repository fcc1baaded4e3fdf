-- Toots of [$1, $4), of which [$2, $4) is the range and [$3, $4) the period of rising hashtags.
-- One statement, so that all of it sees the same moment of tables that are being written.
-- Authors get small numbers: they are counted and sorted many times, and pseudonyms are long.
WITH authors AS MATERIALIZED (
  SELECT row_number() OVER (ORDER BY account_id)::integer AS author, account_id
  FROM (
    SELECT DISTINCT account_id
    FROM masto.toots_raw
    WHERE created_at >= $1 AND created_at < $4
  ) AS a
), saved AS (
  INSERT INTO batch_authors (author, account_id)
  SELECT author, account_id FROM authors
)
INSERT INTO batch_toots
SELECT
  row_number() OVER (),
  a.author,
  t.created_at >= $2,
  t.created_at >= $3,
  (t.created_at AT TIME ZONE 'UTC')::date,
  extract(hour FROM t.created_at AT TIME ZONE 'UTC')::integer,
  t.lang,
  t.instance,
  CASE WHEN t.is_bot THEN 'bot' ELSE 'person' END,
  char_length(t.content_txt),
  t.in_reply_to_id IS NOT NULL,
  t.media_count > 0,
  t.reblogs_count,
  t.hashtags,
  s.label_str,
  round(s.prob_pos * 1000000)::bigint
FROM masto.toots_raw AS t
JOIN authors AS a USING (account_id)
LEFT JOIN masto.toots_sentiment AS s USING (instance, id)
WHERE t.created_at >= $1 AND t.created_at < $4
