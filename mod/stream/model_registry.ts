/**
 * The registry of models: each model that a job used on this database, with what it was made of.
 *
 * @module
 */
import type { Sql } from "../db/database.ts";
import type { Metadata } from "../sentiment/mod.ts";

/** Notes a model that is about to be used; one that is known stays as it is. */
export async function registerModel(sql: Sql, metadata: Metadata): Promise<void> {
  const { version, weights, training, metrics, thresholds } = metadata;
  await sql.query(
    `INSERT INTO masto.models
       (version, hash, training_data_hash, metrics, threshold_low, threshold_high)
     VALUES ($1, $2, $3, $4::text::jsonb, $5, $6) ON CONFLICT DO NOTHING`,
    [
      version,
      weights.sha256,
      training.dataHash,
      JSON.stringify(metrics),
      thresholds.low,
      thresholds.high,
    ],
  );
}
