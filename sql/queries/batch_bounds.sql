-- First, middle and last toot in [$1, $2), either of which may be null for no limit.
SELECT
  min(created_at) AS first_at,
  percentile_disc(0.5) WITHIN GROUP (ORDER BY created_at) AS middle_at,
  max(created_at) AS last_at
FROM masto.toots_raw
WHERE created_at >= coalesce($1::timestamptz, '-infinity')
  AND created_at < coalesce($2::timestamptz, 'infinity')
