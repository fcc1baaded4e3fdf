SELECT
  computed_at, range_from, range_to, before_from, now_from, activity_min_toots,
  (SELECT count(*)::integer FROM masto.batch_active_authors) AS n_active_authors,
  (SELECT coalesce(sum(n_toots), 0)::integer FROM masto.batch_active_authors) AS n_active_toots
FROM masto.batch_run
