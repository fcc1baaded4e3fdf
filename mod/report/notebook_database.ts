/**
 * The database of a notebook: the one in use, or one in memory that the simulator fills.
 *
 * @module
 */
import { isAbsolute, join } from "node:path";
import { type Config, loadConfig } from "../config/config.ts";
import type { Database } from "../db/database.ts";
import { openEmbedded } from "../db/embedded.ts";
import { migrate, readMigrations } from "../db/migrations.ts";
import { demoSource } from "../demo/demo_source.ts";
import { play } from "../demo/play.ts";
import type { IngestCounts } from "../ingest/ingest_counts.ts";
import { embeddedLog } from "../log/embedded_log.ts";
import { hmacPseudonyms } from "../mastodon/pseudonym.ts";
import { openDatabase, topicSpecs } from "../ops/engines.ts";
import { loadScorer } from "../sentiment/load.ts";
import { tootScorer } from "../stream/mod.ts";

/** A database and where its toots come from. */
export interface NotebookDatabase {
  db: Database;
  /** One sentence for the reader. */
  origin: string;
}

/** What {@linkcode collectDemo} counted on the way. */
export interface CollectedDemo {
  db: Database;
  counts: IngestCounts;
}

/**
 * The settings as the tasks see them: a notebook runs in `notebooks/`, one folder below.
 *
 * @throws {ConfigError} If a setting is malformed.
 *
 * @example
 * ```ts ignore
 * const config = await notebookConfig();
 * ```
 */
export async function notebookConfig(): Promise<Config> {
  const config = await loadConfig({ envPath: "../.env" });
  return {
    ...config,
    DATA_DIR: fromRoot(config.DATA_DIR),
    MODEL_DIR: fromRoot(config.MODEL_DIR),
    ...(config.DATA_PATH === null ? {} : { DATA_PATH: fromRoot(config.DATA_PATH) }),
  };
}

/**
 * Opens the database that the settings name if it holds toots; else plays the simulator into one in
 * memory, so that a notebook runs anywhere.
 *
 * @example A notebook on a fresh machine
 * ```ts ignore
 * const { db, origin } = await openNotebookDatabase(await loadConfig());
 * ```
 */
export async function openNotebookDatabase(config: Config): Promise<NotebookDatabase> {
  if (config.PG_URL !== null || await isFolder(`${config.DATA_DIR}/pg`)) {
    const db = await openDatabase(config);
    const [row] = await db.query("SELECT count(*)::integer AS n FROM masto.toots_raw");
    if (Number(row?.["n"] ?? 0) > 0) {
      const place = config.PG_URL === null ? `${config.DATA_DIR}/pg` : "PostgreSQL";
      return { db, origin: `${row?.["n"]} toots of your own database (${place})` };
    }
    await db[Symbol.asyncDispose]();
  }
  const { db } = await collectDemo(config, { seed: 42, events: 3000 });
  return { db, origin: "made-up toots of the simulator, as there is no database yet" };
}

/** Plays a simulated instance through ingest, log and stream into a database in memory. */
export async function collectDemo(
  config: Config,
  options: { seed: number; events: number },
): Promise<CollectedDemo> {
  const db = await openEmbedded(null);
  await migrate(db, await readMigrations());
  const log = embeddedLog(db);
  await log.createTopics(topicSpecs(config));
  const counts = await play({
    demo: await demoSource({ kind: "generated", ...options }),
    db,
    log,
    config,
    rules: {
      consent: config.CONSENT,
      pseudonym: hmacPseudonyms("the simulator's authors are made up"),
      keepRaw: false,
    },
    scorer: tootScorer(await loadScorer({ modelDir: config.MODEL_DIR }), {
      languages: config.SENTIMENT_LANGS,
      thresholds: { low: config.NEUTRAL_LOW, high: config.NEUTRAL_HIGH },
    }),
    signal: new AbortController().signal,
  });
  return { db, counts };
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function fromRoot(path: string): string {
  return isAbsolute(path) ? path : join("..", path);
}
