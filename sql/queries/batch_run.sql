INSERT INTO masto.batch_run (
  computed_at, range_from, range_to, before_from, now_from, activity_min_toots
)
VALUES ($1, $2, $3, $4, $5, $6)
