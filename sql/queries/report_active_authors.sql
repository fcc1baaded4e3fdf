-- Active authors by their pseudonyms: for the owner of the data, never for publication.
SELECT account_id, n_toots, share_of_toots
FROM masto.batch_active_authors
ORDER BY n_toots DESC, account_id COLLATE "C"
