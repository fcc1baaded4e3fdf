DELETE FROM masto.batch_run;
DELETE FROM masto.batch_groups;
DELETE FROM masto.batch_lengths;
DELETE FROM masto.batch_active_authors;
DELETE FROM masto.batch_sentiment_days;
DELETE FROM masto.batch_hashtags;
DELETE FROM masto.batch_hashtags_rising;
DELETE FROM masto.batch_hashtag_pairs;
