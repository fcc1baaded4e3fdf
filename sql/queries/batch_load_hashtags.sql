INSERT INTO batch_used_hashtags
SELECT n, author, in_range, in_now, cardinality(hashtags), unnest(hashtags), label_str, prob_micro
FROM batch_toots
WHERE cardinality(hashtags) > 0
