INSERT INTO masto.batch_lengths (length_from, length_to, n_toots, n_authors)
SELECT length / 50 * 50, length / 50 * 50 + 50, count(*), count(DISTINCT author)
FROM batch_toots
WHERE in_range
GROUP BY length / 50
