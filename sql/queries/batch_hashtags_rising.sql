-- Test of two shares with the pooled share p: z = (p_now - p_before) / sqrt(p (1 - p) (1/n + 1/m)),
-- for instance Agresti 2013, Categorical Data Analysis, 3.1. Kept from z >= $1, and only where at
-- least five toots are expected in each period, as the normal approximation needs (Cochran 1954).
INSERT INTO masto.batch_hashtags_rising (
  hashtag, n_toots, n_authors, n_toots_before, n_authors_before, share, share_before, z
)
WITH sizes AS (
  SELECT
    count(*) FILTER (WHERE in_now)::double precision AS n_now,
    count(*) FILTER (WHERE NOT in_now)::double precision AS n_before
  FROM batch_toots
), used AS (
  SELECT
    hashtag,
    count(*) FILTER (WHERE in_now) AS n_toots,
    count(DISTINCT author) FILTER (WHERE in_now) AS n_authors,
    count(*) FILTER (WHERE NOT in_now) AS n_toots_before,
    count(DISTINCT author) FILTER (WHERE NOT in_now) AS n_authors_before
  FROM batch_used_hashtags
  GROUP BY hashtag
), shares AS (
  SELECT
    used.*,
    n_toots / n_now AS share,
    n_toots_before / n_before AS share_before,
    (n_toots + n_toots_before) / (n_now + n_before) AS pooled,
    n_now,
    n_before
  FROM used CROSS JOIN sizes
  WHERE n_now > 0 AND n_before > 0 AND n_toots > 0
), tested AS (
  SELECT
    *,
    (share - share_before) / sqrt(pooled * (1 - pooled) * (1 / n_now + 1 / n_before)) AS z
  FROM shares
  WHERE pooled < 1 AND share > share_before AND pooled * least(n_now, n_before) >= 5
)
SELECT hashtag, n_toots, n_authors, n_toots_before, n_authors_before, share, share_before, z
FROM tested
WHERE z >= $1::double precision
