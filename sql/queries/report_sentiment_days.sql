SELECT
  to_char(day, 'YYYY-MM-DD') AS day, n_authors, n_scored, n_pos, n_neg, n_neu, avg_prob_pos,
  se_prob_pos
FROM masto.batch_sentiment_days
ORDER BY day
