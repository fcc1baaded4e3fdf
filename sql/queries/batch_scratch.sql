-- Working tables of one run, gone with its transaction: every later query reads these, so that the
-- toots are joined with their sentiment once only.
CREATE TEMPORARY TABLE batch_toots (
  n          bigint  NOT NULL,
  author     integer NOT NULL,
  in_range   boolean NOT NULL,
  in_now     boolean NOT NULL,
  day        date    NOT NULL,
  hour       integer NOT NULL,
  lang       text    NOT NULL,
  instance   text    NOT NULL,
  kind       text    NOT NULL,
  length     integer NOT NULL,
  is_reply   boolean NOT NULL,
  has_media  boolean NOT NULL,
  boosts     integer NOT NULL,
  hashtags   text[]  NOT NULL,
  label_str  text,
  prob_micro bigint
) ON COMMIT DROP;

CREATE TEMPORARY TABLE batch_authors (
  author     integer NOT NULL,
  account_id text    NOT NULL
) ON COMMIT DROP;

CREATE TEMPORARY TABLE batch_used_hashtags (
  toot       bigint  NOT NULL,
  author     integer NOT NULL,
  in_range   boolean NOT NULL,
  in_now     boolean NOT NULL,
  n_used     integer NOT NULL,
  hashtag    text    NOT NULL,
  label_str  text,
  prob_micro bigint
) ON COMMIT DROP;
