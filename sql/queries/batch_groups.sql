INSERT INTO masto.batch_groups (
  dimension, key, n_toots, n_authors, n_bot_toots, n_replies, n_with_media, n_boosts, sum_length,
  n_scored, n_scored_authors, n_pos, n_neg, n_neu, sum_prob_micro
)
SELECT
  CASE
    WHEN grouping(day) = 0 THEN 'day'
    WHEN grouping(hour) = 0 THEN 'hour'
    WHEN grouping(lang) = 0 THEN 'language'
    WHEN grouping(instance) = 0 THEN 'instance'
    WHEN grouping(kind) = 0 THEN 'kind'
    ELSE 'total'
  END,
  CASE
    WHEN grouping(day) = 0 THEN to_char(day, 'YYYY-MM-DD')
    WHEN grouping(hour) = 0 THEN lpad(hour::text, 2, '0')
    WHEN grouping(lang) = 0 THEN lang
    WHEN grouping(instance) = 0 THEN instance
    WHEN grouping(kind) = 0 THEN kind
    ELSE ''
  END,
  count(*),
  count(DISTINCT author),
  count(*) FILTER (WHERE kind = 'bot'),
  count(*) FILTER (WHERE is_reply),
  count(*) FILTER (WHERE has_media),
  coalesce(sum(boosts), 0),
  coalesce(sum(length), 0),
  count(label_str),
  count(DISTINCT author) FILTER (WHERE label_str IS NOT NULL),
  count(*) FILTER (WHERE label_str = 'positive'),
  count(*) FILTER (WHERE label_str = 'negative'),
  count(*) FILTER (WHERE label_str = 'neutral'),
  coalesce(sum(prob_micro), 0)
FROM batch_toots
WHERE in_range
GROUP BY GROUPING SETS ((day), (hour), (lang), (instance), (kind), ())
