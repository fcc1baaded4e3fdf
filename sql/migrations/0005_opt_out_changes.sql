-- A number for each opt-out and each later word of it, so that a stream worker reads only those that
-- it does not know yet. Writers hold the table's lock until they commit, so numbers become visible in
-- order.
ALTER TABLE masto.opt_outs ADD COLUMN change_no bigint GENERATED ALWAYS AS IDENTITY;
CREATE UNIQUE INDEX opt_outs_change_no_idx ON masto.opt_outs (change_no);
