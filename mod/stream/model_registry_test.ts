import { assertEquals } from "@std/assert";
import { openTestDatabase } from "../db/_test_database.ts";
import { migrate, readMigrations } from "../db/migrations.ts";
import { loadShippedModel } from "../sentiment/mod.ts";
import { registerModel } from "./model_registry.ts";

Deno.test("registerModel() notes a model once, with its measures", async () => {
  await using db = await openTestDatabase();
  await migrate(db, await readMigrations());
  const { metadata } = await loadShippedModel();
  await registerModel(db, metadata);
  await registerModel(db, { ...metadata, thresholds: { low: 0, high: 1 } });
  const rows = await db.query(
    "SELECT version, hash, training_data_hash, metrics, threshold_low FROM masto.models",
  );
  assertEquals(rows, [{
    version: metadata.version,
    hash: metadata.weights.sha256,
    training_data_hash: metadata.training.dataHash,
    metrics: metadata.metrics,
    threshold_low: metadata.thresholds.low,
  }]);
});
