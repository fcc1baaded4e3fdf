-- Rising hashtags of at least $1 authors, the $2 surest.
SELECT
  hashtag, n_toots, n_authors, n_toots_before, n_authors_before, share, share_before, z
FROM masto.batch_hashtags_rising
WHERE n_authors >= $1
ORDER BY z DESC, n_toots DESC, hashtag COLLATE "C"
LIMIT $2
