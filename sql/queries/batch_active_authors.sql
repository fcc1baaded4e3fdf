-- Authors with at least $1 toots in the range.
INSERT INTO masto.batch_active_authors (account_id, n_toots, share_of_toots)
SELECT
  a.account_id,
  b.n_toots,
  b.n_toots::double precision / (SELECT count(*) FROM batch_toots WHERE in_range)
FROM (
  SELECT author, count(*) AS n_toots
  FROM batch_toots
  WHERE in_range
  GROUP BY author
  HAVING count(*) >= $1
) AS b
JOIN batch_authors AS a USING (author)
