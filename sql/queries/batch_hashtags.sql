INSERT INTO masto.batch_hashtags (
  hashtag, n_toots, n_authors, n_scored, n_scored_authors, n_pos, n_neg, n_neu, avg_prob_pos
)
SELECT
  hashtag,
  count(*),
  count(DISTINCT author),
  count(label_str),
  count(DISTINCT author) FILTER (WHERE label_str IS NOT NULL),
  count(*) FILTER (WHERE label_str = 'positive'),
  count(*) FILTER (WHERE label_str = 'negative'),
  count(*) FILTER (WHERE label_str = 'neutral'),
  sum(prob_micro)::double precision / 1000000 / nullif(count(label_str), 0)
FROM batch_used_hashtags
WHERE in_range
GROUP BY hashtag
