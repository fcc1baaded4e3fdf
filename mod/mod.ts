/**
 * Mastodon Pulse for notebooks and programs: the pipeline's rooms under one roof. Import a room
 * itself (`mod/stream/mod.ts`, `mod/sentiment/mod.ts`, …) where one is enough.
 *
 * @module
 */
export { type Config, ConfigError, loadConfig, parseConfig } from "./config/config.ts";
export type { Database, Sql } from "./db/database.ts";
export { openEmbedded } from "./db/embedded.ts";
export { migrate, readMigrations } from "./db/migrations.ts";
export { openPostgres } from "./db/postgres.ts";
export { embeddedLog } from "./log/embedded_log.ts";
export type { EventLog, LogRecord, NewRecord, RecordBatch } from "./log/event_log.ts";
export { type Engines, openDatabase, openEngines } from "./ops/engines.ts";
