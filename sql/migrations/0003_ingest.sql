-- How far each stream was followed, what was missed, and who wants no part in it.

-- Everything up to last_id is in the log, or in the spool on its way there.
CREATE TABLE masto.ingest_positions (
  instance text        NOT NULL,
  stream   text        NOT NULL,
  base_url text        NOT NULL,
  last_id  bigint,
  seen_at  timestamptz NOT NULL,
  PRIMARY KEY (instance, stream)
);

-- One row per interruption. is_open: statuses are missing that could not be fetched; edits and
-- deletes between from_at and to_at may be missing either way.
CREATE TABLE masto.ingest_gaps (
  gap_id      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  instance    text        NOT NULL,
  stream      text        NOT NULL,
  from_id     bigint,
  to_id       bigint,
  from_at     timestamptz,
  to_at       timestamptz NOT NULL,
  reason      text        NOT NULL,
  outcome     text        NOT NULL,
  detail      text        NOT NULL,
  n_fetched   integer     NOT NULL,
  n_filled    integer     NOT NULL,
  is_open     boolean     NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ingest_gaps_open_idx ON masto.ingest_gaps (instance, stream, to_at) WHERE is_open;

-- Authors who opted out after toots of theirs had been collected. What reached the log until then
-- stays out of the tables, whatever the order in which the log's partitions are read.
CREATE TABLE masto.opt_outs (
  account_id   text        PRIMARY KEY,
  opted_out_at timestamptz NOT NULL
);
CREATE INDEX toots_raw_account_id_idx ON masto.toots_raw (account_id);
