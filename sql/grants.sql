-- Least-privilege roles, one for each kind of job. Run it with psql as the owner of the schema, after
-- any task has made the schema, and again after an update:
--
--   psql "$PG_URL" -f sql/grants.sql
--   psql "$PG_URL" -c "CREATE ROLE pulse_worker LOGIN PASSWORD '…' IN ROLE pulse_stream"
--
-- Then give each job its login in PG_URL, or in PG_USER and PG_PASS. Migrations are the owner's: after
-- an update, run one task as the owner before the others. Jobs only read which ones were applied.
--
--   role           for deno task
--   pulse_ingest   ingest
--   pulse_stream   stream
--   pulse_predict  predict
--   pulse_batch    batch, charts, export
--   pulse_errors   errors, with --replay
--   pulse_purge    purge
--   pulse_read     dashboards and notebooks: reads everything but the log, changes nothing
--   pulse_log      in addition, for ingest, stream, errors and topics without Kafka, where the log is
--                  kept in the database
--
-- A right to UPDATE one column that a job never writes is there because PostgreSQL asks for one before
-- it lets a job lock rows.

DO $$
DECLARE
  role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY[
    'pulse_ingest', 'pulse_stream', 'pulse_predict', 'pulse_batch', 'pulse_errors', 'pulse_purge',
    'pulse_read', 'pulse_log'
  ] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
    END IF;
  END LOOP;
END $$;

-- Begin anew, so that what an older version of this file granted does not stay.
REVOKE ALL ON ALL TABLES IN SCHEMA masto FROM
  pulse_ingest, pulse_stream, pulse_predict, pulse_batch, pulse_errors, pulse_purge, pulse_read,
  pulse_log;

GRANT USAGE ON SCHEMA masto TO
  pulse_ingest, pulse_stream, pulse_predict, pulse_batch, pulse_errors, pulse_purge, pulse_read,
  pulse_log;
GRANT SELECT ON masto.schema_migrations TO
  pulse_ingest, pulse_stream, pulse_predict, pulse_batch, pulse_errors, pulse_purge, pulse_read,
  pulse_log;

-- Ingest: how far it is, what it missed. It sees no toot.
GRANT SELECT ON masto.demo_source TO pulse_ingest;
GRANT SELECT, INSERT, UPDATE ON masto.ingest_positions TO pulse_ingest;
GRANT SELECT, INSERT ON masto.ingest_gaps TO pulse_ingest;

-- Stream: everything that follows from the log.
GRANT SELECT, INSERT, UPDATE, DELETE ON
  masto.toots_raw, masto.toots_sentiment, masto.toot_metrics_sums, masto.user_length_sums,
  masto.sentiment_sums
  TO pulse_stream;
GRANT SELECT, INSERT, DELETE ON masto.late_events TO pulse_stream;
GRANT SELECT, INSERT ON masto.tombstones TO pulse_stream;
GRANT SELECT, INSERT, UPDATE ON
  masto.stream_progress, masto.window_clock, masto.opt_outs, masto.models
  TO pulse_stream;

-- Predict: reads toots, writes predictions and their windows.
GRANT SELECT, UPDATE (media_count) ON masto.toots_raw TO pulse_predict;
GRANT SELECT, INSERT, UPDATE ON masto.toots_sentiment, masto.models TO pulse_predict;
GRANT SELECT, INSERT, UPDATE, DELETE ON masto.sentiment_sums TO pulse_predict;
GRANT SELECT ON masto.window_clock TO pulse_predict;

-- Batch: reads toots, replaces the results. Charts and exports run it if it never ran.
GRANT SELECT ON masto.toots_raw, masto.toots_sentiment TO pulse_batch;
GRANT SELECT, INSERT, UPDATE, DELETE ON
  masto.batch_run, masto.batch_groups, masto.batch_lengths, masto.batch_active_authors,
  masto.batch_sentiment_days, masto.batch_hashtags, masto.batch_hashtags_rising,
  masto.batch_hashtag_pairs
  TO pulse_batch;
GRANT SELECT ON
  masto.batch_total, masto.batch_days, masto.batch_hours, masto.batch_languages,
  masto.batch_instances, masto.batch_kinds
  TO pulse_batch;
DO $$
BEGIN
  EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO pulse_batch', current_database());
END $$;

-- Errors: which dead letters were fed again.
GRANT SELECT, INSERT, UPDATE, DELETE ON masto.replayed_dead_letters TO pulse_errors;

-- Purge: takes away, adds nothing but the memory of what must stay away.
GRANT SELECT, UPDATE (media_count), DELETE ON masto.toots_raw TO pulse_purge;
GRANT SELECT, DELETE ON
  masto.toots_sentiment, masto.late_events, masto.ingest_gaps, masto.replayed_dead_letters,
  masto.batch_run, masto.batch_groups, masto.batch_lengths, masto.batch_active_authors,
  masto.batch_sentiment_days, masto.batch_hashtags, masto.batch_hashtags_rising,
  masto.batch_hashtag_pairs
  TO pulse_purge;
GRANT SELECT, INSERT, DELETE ON masto.tombstones TO pulse_purge;
GRANT SELECT, INSERT, UPDATE ON masto.opt_outs TO pulse_purge;
GRANT SELECT, INSERT, UPDATE, DELETE ON
  masto.toot_metrics_sums, masto.user_length_sums, masto.sentiment_sums
  TO pulse_purge;
GRANT SELECT ON masto.window_clock, masto.stream_progress TO pulse_purge;
GRANT SELECT, UPDATE (start_offset) ON masto.log_partitions TO pulse_purge;
GRANT SELECT, DELETE ON masto.log_records TO pulse_purge;

-- Read: dashboards and notebooks.
GRANT SELECT ON ALL TABLES IN SCHEMA masto TO pulse_read;
REVOKE ALL ON masto.log_records FROM pulse_read;

-- The log, where the database keeps it.
GRANT SELECT, INSERT, UPDATE ON masto.log_partitions TO pulse_log;
GRANT SELECT, INSERT ON masto.log_records TO pulse_log;
