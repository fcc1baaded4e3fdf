-- Mean probability of each day and its standard error with toots clustered by author (Liang and
-- Zeger 1986): with n_a toots and sum s_a of author a, N = sum n_a, mean m and G authors,
-- variance = G / (G - 1) * sum (s_a - m n_a)^2 / N^2. All sums are of integers, so they are exact.
INSERT INTO masto.batch_sentiment_days (
  day, n_authors, n_scored, n_pos, n_neg, n_neu, avg_prob_pos, se_prob_pos
)
SELECT
  day,
  n_authors,
  n_scored,
  n_pos,
  n_neg,
  n_neu,
  sum_prob::double precision / 1000000 / n_scored::double precision,
  CASE WHEN n_authors > 1 THEN
    (sqrt(
      n_authors / (n_authors - 1.0)
        * greatest(0, sum_ss - 2 * sum_prob * sum_sn / n_scored + sum_prob ^ 2 * sum_nn / n_scored ^ 2)
    ) / n_scored / 1000000)::double precision
  END
FROM (
  SELECT
    day,
    count(*) AS n_authors,
    sum(n_toots) AS n_scored,
    sum(n_pos) AS n_pos,
    sum(n_neg) AS n_neg,
    sum(n_neu) AS n_neu,
    sum(sum_prob) AS sum_prob,
    sum(sum_prob * sum_prob) AS sum_ss,
    sum(sum_prob * n_toots) AS sum_sn,
    sum(n_toots::numeric * n_toots) AS sum_nn
  FROM (
    SELECT
      day,
      author,
      count(*) AS n_toots,
      count(*) FILTER (WHERE label_str = 'positive') AS n_pos,
      count(*) FILTER (WHERE label_str = 'negative') AS n_neg,
      count(*) FILTER (WHERE label_str = 'neutral') AS n_neu,
      sum(prob_micro) AS sum_prob
    FROM batch_toots
    WHERE in_range AND label_str IS NOT NULL
    GROUP BY day, author
  ) AS by_author
  GROUP BY day
) AS by_day
