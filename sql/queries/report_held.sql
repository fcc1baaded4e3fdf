-- How many groups have fewer than $1 authors.
SELECT
  (SELECT count(*)::integer FROM masto.batch_hashtags WHERE n_authors < $1) AS hashtags,
  (SELECT count(*)::integer FROM masto.batch_hashtags_rising WHERE n_authors < $1) AS rising,
  (SELECT count(*)::integer FROM masto.batch_hashtag_pairs WHERE n_authors < $1) AS pairs
