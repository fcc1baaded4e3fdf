SELECT length_from, length_to, n_toots, n_authors
FROM masto.batch_lengths
ORDER BY length_from
