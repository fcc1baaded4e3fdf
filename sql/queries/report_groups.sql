SELECT
  dimension, key, n_toots, n_authors, n_bot_toots, n_replies, n_with_media,
  n_boosts::double precision AS n_boosts, coalesce(avg_length, 0) AS avg_length,
  n_scored, n_scored_authors, n_pos, n_neg, n_neu, avg_prob_pos
FROM masto.batch_groups
ORDER BY dimension, n_toots DESC, key COLLATE "C"
