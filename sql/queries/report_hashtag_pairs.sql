-- Pairs of at least $1 authors, the $2 most used.
SELECT hashtag_a, hashtag_b, n_toots, n_authors
FROM masto.batch_hashtag_pairs
WHERE n_authors >= $1
ORDER BY n_toots DESC, n_authors DESC, hashtag_a COLLATE "C", hashtag_b COLLATE "C"
LIMIT $2
