/**
 * Jobs as processes over an embedded database of their own, and what they leave in it.
 *
 * @module
 */
import { SETTINGS } from "../config/settings.ts";
import type { Database } from "../db/database.ts";
import { openEmbedded } from "../db/embedded.ts";
import { type RunningProcess, startTask } from "../testing/process.ts";
import { removeDir } from "../testing/temp_dir.ts";

const ROOT = decodeURIComponent(new URL("../..", import.meta.url).pathname);

/** A folder for one test: jobs may write nowhere but under data/ and reports/. */
export interface Place extends AsyncDisposable {
  /** As the jobs are told it, from the repository's root. */
  readonly dataDir: string;
  /** The same from anywhere. */
  readonly path: string;
  /** Where its reports go. */
  readonly reports: string;
  /** Starts a task there, with default settings whatever the environment says. */
  start(
    task: string,
    args?: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): Promise<RunningProcess>;
  /** Opens its database once no job has it open. */
  open(): Promise<Database>;
}

/** Makes an empty place; disposing of it removes it. */
export async function makePlace(): Promise<Place> {
  const dataDir = `data/test-${crypto.randomUUID().slice(0, 8)}`;
  const path = `${ROOT}${dataDir}`;
  await Deno.mkdir(path, { recursive: true });
  const defaults = Object.fromEntries(Object.keys(SETTINGS).map((name) => [name, ""]));
  return {
    dataDir,
    path,
    reports: `${path}/reports`,
    start: (task, args = [], env = {}) =>
      startTask(task, args, {
        env: {
          ...defaults,
          DATA_DIR: dataDir,
          REPORTS_DIR: `${dataDir}/reports`,
          NO_COLOR: "1",
          ...env,
        },
      }),
    open: () => openEmbedded(`${path}/pg`),
    [Symbol.asyncDispose]: () => removeDir(path),
  };
}

/** Columns that tell when or where a record arrived, not what it was. */
const ARRIVAL: Readonly<Record<string, readonly string[]>> = {
  schema_migrations: ["applied_at"],
  toots_raw: ["ingested_at"],
  tombstones: ["deleted_at"],
  late_events: ["seen_at", "record_offset"],
  batch_run: ["computed_at"],
  models: ["created_at"],
  // What was seen once more after a crash is counted, as it should be.
  stream_progress: [
    "updated_at",
    "next_offset",
    "n_records",
    "n_duplicates",
    "n_stale",
    "n_unknown",
    "n_after_delete",
    "n_dead_letters",
  ],
  log_partitions: ["next_offset"],
};

/** All tables and views as sorted rows of JSON, less {@linkcode ARRIVAL}; the log as a set. */
export async function dumpTables(db: Database): Promise<Record<string, string[]>> {
  const tables = await db.query(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'masto' AND table_name <> 'log_records' ORDER BY 1`,
  );
  const dump: Record<string, string[]> = {};
  for (const { name } of tables) {
    const skipped = (ARRIVAL[String(name)] ?? []).map((column) => ` - '${column}'`).join("");
    const rows = await db.query(`SELECT (to_jsonb(t)${skipped})::text AS row FROM masto.${name} t`);
    dump[String(name)] = rows.map(({ row }) => String(row)).sort();
  }
  // The same event may be there twice; when a dead letter was seen is no part of it.
  const log = await db.query(
    `SELECT DISTINCT topic || ' ' || coalesce(key, '') || ' ' || coalesce(headers->>'reason', '')
            || ' ' || md5(value) AS row FROM masto.log_records`,
  );
  dump.log_records = log.map(({ row }) => String(row)).sort();
  return dump;
}

/** Files of a folder with a hash of their content; without the folder, none. */
export async function hashFiles(folder: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  try {
    for await (const { name } of Deno.readDir(folder)) {
      const hash = await crypto.subtle.digest("SHA-256", await Deno.readFile(`${folder}/${name}`));
      hashes[name] = new Uint8Array(hash).toHex();
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return hashes;
}
