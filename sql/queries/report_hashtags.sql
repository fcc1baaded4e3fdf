-- Hashtags of at least $1 authors, the $2 most used.
SELECT
  hashtag, n_toots, n_authors, n_scored, n_scored_authors, n_pos, n_neg, n_neu, avg_prob_pos
FROM masto.batch_hashtags
WHERE n_authors >= $1
ORDER BY n_toots DESC, n_authors DESC, hashtag COLLATE "C"
LIMIT $2
