/**
 * Where the demo may write: a database that is empty or holds the same stream from an earlier run.
 *
 * @module
 */
import { z } from "zod";
import type { Database } from "../db/database.ts";

const sourceRow = z.object({ source: z.string() });
const usedRow = z.object({ used: z.boolean() });

/** The stream that the demo played into this database; null if none. */
export async function playedSource(db: Database): Promise<string | null> {
  const rows = z.array(sourceRow).parse(await db.query("SELECT source FROM masto.demo_source"));
  return rows[0]?.source ?? null;
}

/**
 * Claims an empty database for a stream. True if the database is that stream's, now or already;
 * false if it holds anything else.
 */
export async function claimForDemo(db: Database, source: string): Promise<boolean> {
  const before = await playedSource(db);
  if (before !== null) return before === source;
  const rows = z.array(usedRow).parse(
    await db.query(
      `SELECT EXISTS (SELECT FROM masto.toots_raw) OR EXISTS (SELECT FROM masto.tombstones)
           OR EXISTS (SELECT FROM masto.stream_progress WHERE next_offset > 0)
           OR EXISTS (SELECT FROM masto.log_partitions WHERE next_offset > 0) AS used`,
    ),
  );
  if (rows[0]?.used !== false) return false;
  await db.query("INSERT INTO masto.demo_source (source) VALUES ($1) ON CONFLICT DO NOTHING", [
    source,
  ]);
  return await playedSource(db) === source;
}
