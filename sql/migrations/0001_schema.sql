-- The whole schema: rows, windows, positions, and the log of the embedded engine.
CREATE SCHEMA IF NOT EXISTS masto;

-- One row per original public status, the newest version of it. is_late: it came after its window
-- had closed, so it is kept and analysed but stands in no window.
CREATE TABLE masto.toots_raw (
  instance         text        NOT NULL,
  id               bigint      NOT NULL,
  uri              text        NOT NULL,
  created_at       timestamptz NOT NULL,
  edited_at        timestamptz,
  lang             text        NOT NULL DEFAULT 'und',
  account_id       text        NOT NULL,
  acct             text,
  is_bot           boolean     NOT NULL DEFAULT false,
  is_late          boolean     NOT NULL DEFAULT false,
  content_txt      text        NOT NULL,
  hashtags         text[]      NOT NULL DEFAULT '{}',
  in_reply_to_id   text,
  visibility       text        NOT NULL DEFAULT 'public',
  replies_count    integer     NOT NULL DEFAULT 0,
  reblogs_count    integer     NOT NULL DEFAULT 0,
  favourites_count integer     NOT NULL DEFAULT 0,
  media_count      integer     NOT NULL DEFAULT 0,
  raw              jsonb,
  ingested_at      timestamptz NOT NULL,
  PRIMARY KEY (instance, id),
  CONSTRAINT toots_raw_uri_key UNIQUE (uri)
);
-- Rows arrive nearly in time order, so a block range index finds a time range at almost no cost.
CREATE INDEX toots_raw_created_at_idx ON masto.toots_raw USING brin (created_at);

CREATE TABLE masto.toots_sentiment (
  id            bigint           NOT NULL,
  created_at    timestamp        NOT NULL,
  lang          text             NOT NULL,
  text          text             NOT NULL,
  label_bin     integer          NOT NULL CHECK (label_bin IN (0, 1)),
  prob_pos      double precision NOT NULL CHECK (prob_pos BETWEEN 0 AND 1),
  label_str     text             NOT NULL CHECK (label_str IN ('positive', 'neutral', 'negative')),
  model_version text             NOT NULL,
  instance      text             NOT NULL,
  PRIMARY KEY (instance, id)
);
CREATE INDEX toots_sentiment_created_at_idx ON masto.toots_sentiment USING brin (created_at);

-- avg over numeric: exact, so the order of the rows cannot show in the last digit.
CREATE VIEW masto.v_sentiment_daily AS
SELECT
  created_at::date AS day,
  count(*) AS n_toosts,
  count(*) FILTER (WHERE label_str = 'positive') AS n_pos,
  count(*) FILTER (WHERE label_str = 'negative') AS n_neg,
  count(*) FILTER (WHERE label_str = 'neutral') AS n_neu,
  avg(prob_pos::numeric)::double precision AS avg_prob_pos
FROM masto.toots_sentiment
GROUP BY created_at::date;

-- How far the windows are final. One row: windows of two lengths, or of two groups, would count
-- every toot twice.
CREATE TABLE masto.window_clock (
  only_row     boolean     PRIMARY KEY DEFAULT true CHECK (only_row),
  worker_group text        NOT NULL,
  window_s     integer     NOT NULL CHECK (window_s > 0),
  final_until  timestamptz NOT NULL DEFAULT '-infinity'
);

-- Windows hold integer sums, so that any order of the same additions gives equal rows; the
-- published views below turn them into averages and know which windows are final.
CREATE TABLE masto.toot_metrics_sums (
  window_start timestamptz NOT NULL,
  lang         text        NOT NULL,
  n_toots      integer     NOT NULL,
  sum_length   bigint      NOT NULL,
  PRIMARY KEY (window_start, lang)
);
CREATE TABLE masto.user_length_sums (
  window_start timestamptz NOT NULL,
  account_id   text        NOT NULL,
  n_toots      integer     NOT NULL,
  sum_length   bigint      NOT NULL,
  PRIMARY KEY (window_start, account_id)
);
-- sum_prob_micro: probabilities in millionths, as the model rounds them.
CREATE TABLE masto.sentiment_sums (
  window_start   timestamptz NOT NULL,
  lang           text        NOT NULL,
  n_scored       integer     NOT NULL,
  n_pos          integer     NOT NULL,
  n_neg          integer     NOT NULL,
  n_neu          integer     NOT NULL,
  sum_prob_micro bigint      NOT NULL,
  PRIMARY KEY (window_start, lang)
);

CREATE VIEW masto.toot_metrics_windowed AS
SELECT
  s.window_start,
  s.window_start + make_interval(secs => c.window_s) AS window_end,
  s.lang,
  s.n_toots,
  s.sum_length::double precision / s.n_toots AS avg_length,
  s.window_start + make_interval(secs => c.window_s) <= c.final_until AS is_final
FROM masto.toot_metrics_sums s CROSS JOIN masto.window_clock c;

CREATE VIEW masto.user_avg_length_windowed AS
SELECT
  s.window_start,
  s.window_start + make_interval(secs => c.window_s) AS window_end,
  s.account_id,
  s.n_toots,
  s.sum_length::double precision / s.n_toots AS avg_length,
  s.window_start + make_interval(secs => c.window_s) <= c.final_until AS is_final
FROM masto.user_length_sums s CROSS JOIN masto.window_clock c;

CREATE VIEW masto.sentiment_windowed AS
SELECT
  s.window_start,
  s.window_start + make_interval(secs => c.window_s) AS window_end,
  s.lang,
  s.n_scored,
  s.n_pos,
  s.n_neg,
  s.n_neu,
  s.sum_prob_micro::double precision / 1000000 / s.n_scored AS avg_prob_pos,
  s.window_start + make_interval(secs => c.window_s) <= c.final_until AS is_final
FROM masto.sentiment_sums s CROSS JOIN masto.window_clock c;

-- Where each partition stands, and what its records came to: written in the transaction that
-- writes their effects.
CREATE TABLE masto.stream_progress (
  worker_group   text        NOT NULL,
  topic          text        NOT NULL,
  partition      integer     NOT NULL,
  next_offset    bigint      NOT NULL DEFAULT 0,
  max_event_time timestamptz,
  watermark      timestamptz,
  is_idle        boolean     NOT NULL DEFAULT false,
  n_records      bigint      NOT NULL DEFAULT 0,
  n_toots        bigint      NOT NULL DEFAULT 0,
  n_duplicates   bigint      NOT NULL DEFAULT 0,
  n_copies       bigint      NOT NULL DEFAULT 0,
  n_edits        bigint      NOT NULL DEFAULT 0,
  n_stale        bigint      NOT NULL DEFAULT 0,
  n_deletes      bigint      NOT NULL DEFAULT 0,
  n_unknown      bigint      NOT NULL DEFAULT 0,
  n_after_delete bigint      NOT NULL DEFAULT 0,
  n_late         bigint      NOT NULL DEFAULT 0,
  n_dead_letters bigint      NOT NULL DEFAULT 0,
  updated_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (worker_group, topic, partition)
);

CREATE TABLE masto.tombstones (
  instance   text        NOT NULL,
  id         bigint      NOT NULL,
  deleted_at timestamptz NOT NULL,
  PRIMARY KEY (instance, id)
);

-- Which toots came too late for their window, and by how much.
CREATE TABLE masto.late_events (
  instance     text        NOT NULL,
  id           bigint      NOT NULL,
  created_at   timestamptz NOT NULL,
  window_start timestamptz NOT NULL,
  watermark    timestamptz NOT NULL,
  topic        text        NOT NULL,
  partition    integer     NOT NULL,
  record_offset bigint     NOT NULL,
  seen_at      timestamptz NOT NULL,
  PRIMARY KEY (instance, id)
);

-- Registry of trained models.
CREATE TABLE masto.models (
  version            text             PRIMARY KEY,
  hash               text             NOT NULL,
  training_data_hash text             NOT NULL,
  metrics            jsonb            NOT NULL,
  threshold_low      double precision NOT NULL,
  threshold_high     double precision NOT NULL,
  created_at         timestamptz      NOT NULL DEFAULT now()
);

-- The log of the embedded engine.
CREATE TABLE masto.log_partitions (
  topic        text    NOT NULL,
  partition    integer NOT NULL,
  start_offset bigint  NOT NULL DEFAULT 0,
  next_offset  bigint  NOT NULL DEFAULT 0,
  PRIMARY KEY (topic, partition)
);
CREATE TABLE masto.log_records (
  topic         text        NOT NULL,
  partition     integer     NOT NULL,
  record_offset bigint      NOT NULL,
  key           text,
  value         bytea       NOT NULL,
  headers       jsonb,
  appended_at   timestamptz NOT NULL,
  PRIMARY KEY (topic, partition, record_offset)
);

-- Which stream the demo played into this database: two must not be mixed, nor one with live toots.
CREATE TABLE masto.demo_source (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  source   text    NOT NULL
);
