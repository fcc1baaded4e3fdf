-- Dead letters that were fed again, so that none is twice by accident. A letter is known by where its
-- payload first stood (the main topic if the stream refused it, the error topic if ingest did), and
-- by when: a topic that is made anew counts its offsets from 0 again.
CREATE TABLE masto.replayed_dead_letters (
  topic         text        NOT NULL,
  partition     integer     NOT NULL,
  record_offset bigint      NOT NULL,
  seen_at       timestamptz NOT NULL,
  claimed_at    timestamptz NOT NULL DEFAULT now(),
  -- Null: a replay was cut off between claiming the letter and learning that it is in the log.
  fed_at        timestamptz,
  PRIMARY KEY (topic, partition, record_offset, seen_at)
);
