-- Pairs in at least two toots. Toots with more than $1 hashtags are left out: their pairs grow with
-- the square, and such toots list tags instead of being about them.
INSERT INTO masto.batch_hashtag_pairs (hashtag_a, hashtag_b, n_toots, n_authors)
SELECT a.hashtag, b.hashtag, count(*), count(DISTINCT a.author)
FROM batch_used_hashtags AS a
JOIN batch_used_hashtags AS b ON a.toot = b.toot AND a.hashtag COLLATE "C" < b.hashtag COLLATE "C"
WHERE a.in_range AND a.n_used BETWEEN 2 AND $1 AND b.n_used BETWEEN 2 AND $1
GROUP BY a.hashtag, b.hashtag
HAVING count(*) >= 2
