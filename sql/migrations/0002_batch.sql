-- Results of the batch analysis: the newest run only, replaced whole in one transaction. A toot
-- that was deleted is gone from them with the next run. n_authors is in every table, so that what
-- is published can hold back groups of few authors.

CREATE TABLE masto.batch_run (
  only_row           boolean     PRIMARY KEY DEFAULT true CHECK (only_row),
  computed_at        timestamptz NOT NULL,
  range_from         timestamptz,
  range_to           timestamptz,
  -- The periods that rising hashtags compare: [before_from, now_from) and [now_from, range_to).
  before_from        timestamptz,
  now_from           timestamptz,
  activity_min_toots integer     NOT NULL CHECK (activity_min_toots > 0),
  CHECK ((range_from IS NULL) = (range_to IS NULL)),
  CHECK ((range_from IS NULL) = (before_from IS NULL)),
  CHECK ((range_from IS NULL) = (now_from IS NULL))
);

-- One row per group of a dimension: total, day, hour (of day), language, instance, kind (bot or
-- person). The views below name them.
CREATE TABLE masto.batch_groups (
  dimension        text             NOT NULL
    CHECK (dimension IN ('total', 'day', 'hour', 'language', 'instance', 'kind')),
  key              text             NOT NULL,
  n_toots          integer          NOT NULL,
  n_authors        integer          NOT NULL,
  n_bot_toots      integer          NOT NULL,
  n_replies        integer          NOT NULL,
  n_with_media     integer          NOT NULL,
  n_boosts         bigint           NOT NULL,
  sum_length       bigint           NOT NULL,
  n_scored         integer          NOT NULL,
  n_scored_authors integer          NOT NULL,
  n_pos            integer          NOT NULL,
  n_neg            integer          NOT NULL,
  n_neu            integer          NOT NULL,
  -- Probabilities in millionths, as the model rounds them: sums of integers are exact.
  sum_prob_micro   bigint           NOT NULL,
  avg_length       double precision
    GENERATED ALWAYS AS (sum_length::double precision / nullif(n_toots, 0)) STORED,
  avg_prob_pos     double precision
    GENERATED ALWAYS AS (sum_prob_micro::double precision / 1000000 / nullif(n_scored, 0)) STORED,
  PRIMARY KEY (dimension, key)
);

CREATE VIEW masto.batch_days AS
SELECT key::date AS day, n_toots, n_authors, n_bot_toots, n_replies, n_with_media, n_boosts,
  avg_length, n_scored, n_scored_authors, n_pos, n_neg, n_neu, avg_prob_pos
FROM masto.batch_groups WHERE dimension = 'day';

CREATE VIEW masto.batch_hours AS
SELECT key::integer AS hour, n_toots, n_authors, n_bot_toots, n_replies, n_with_media, n_boosts,
  avg_length, n_scored, n_scored_authors, n_pos, n_neg, n_neu, avg_prob_pos
FROM masto.batch_groups WHERE dimension = 'hour';

CREATE VIEW masto.batch_languages AS
SELECT key AS lang, n_toots, n_authors, n_bot_toots, n_replies, n_with_media, n_boosts,
  avg_length, n_scored, n_scored_authors, n_pos, n_neg, n_neu, avg_prob_pos
FROM masto.batch_groups WHERE dimension = 'language';

CREATE VIEW masto.batch_instances AS
SELECT key AS instance, n_toots, n_authors, n_bot_toots, n_replies, n_with_media, n_boosts,
  avg_length, n_scored, n_scored_authors, n_pos, n_neg, n_neu, avg_prob_pos
FROM masto.batch_groups WHERE dimension = 'instance';

CREATE VIEW masto.batch_kinds AS
SELECT key AS kind, n_toots, n_authors, n_bot_toots, n_replies, n_with_media, n_boosts,
  avg_length, n_scored, n_scored_authors, n_pos, n_neg, n_neu, avg_prob_pos
FROM masto.batch_groups WHERE dimension = 'kind';

CREATE VIEW masto.batch_total AS
SELECT n_toots, n_authors, n_bot_toots, n_replies, n_with_media, n_boosts,
  avg_length, n_scored, n_scored_authors, n_pos, n_neg, n_neu, avg_prob_pos
FROM masto.batch_groups WHERE dimension = 'total';

-- Lengths in Unicode code points, in steps of 50: [length_from, length_to).
CREATE TABLE masto.batch_lengths (
  length_from integer PRIMARY KEY,
  length_to   integer NOT NULL,
  n_toots     integer NOT NULL,
  n_authors   integer NOT NULL
);

-- Authors with at least activity_min_toots toots.
CREATE TABLE masto.batch_active_authors (
  account_id     text             PRIMARY KEY,
  n_toots        integer          NOT NULL,
  share_of_toots double precision NOT NULL
);

-- se_prob_pos: robust to several toots by one author; null where there is one author only.
CREATE TABLE masto.batch_sentiment_days (
  day          date             PRIMARY KEY,
  n_authors    integer          NOT NULL,
  n_scored     integer          NOT NULL,
  n_pos        integer          NOT NULL,
  n_neg        integer          NOT NULL,
  n_neu        integer          NOT NULL,
  avg_prob_pos double precision NOT NULL,
  se_prob_pos  double precision
);

CREATE TABLE masto.batch_hashtags (
  hashtag          text             PRIMARY KEY,
  n_toots          integer          NOT NULL,
  n_authors        integer          NOT NULL,
  n_scored         integer          NOT NULL,
  n_scored_authors integer          NOT NULL,
  n_pos            integer          NOT NULL,
  n_neg            integer          NOT NULL,
  n_neu            integer          NOT NULL,
  avg_prob_pos     double precision
);

-- Hashtags whose share of toots rose; z: statistic of the test of two shares, pooled.
CREATE TABLE masto.batch_hashtags_rising (
  hashtag          text             PRIMARY KEY,
  n_toots          integer          NOT NULL,
  n_authors        integer          NOT NULL,
  n_toots_before   integer          NOT NULL,
  n_authors_before integer          NOT NULL,
  share            double precision NOT NULL,
  share_before     double precision NOT NULL,
  z                double precision NOT NULL
);

-- Two hashtags in the same toots, hashtag_a before hashtag_b by code point. No primary key: two
-- names of full length do not fit an index entry.
CREATE TABLE masto.batch_hashtag_pairs (
  hashtag_a text    NOT NULL,
  hashtag_b text    NOT NULL,
  n_toots   integer NOT NULL,
  n_authors integer NOT NULL
);
