/**
 * What the database remembers of ingest: positions and gaps.
 *
 * @module
 */
import { z } from "zod";
import type { Sql } from "../db/database.ts";
import { cleanText } from "../mastodon/text.ts";

/** Which stream of which server. */
export interface SourceId {
  readonly instance: string;
  /** As MASTODON_STREAM names it. */
  readonly stream: string;
}

/** How far a stream was followed. */
export interface IngestPosition extends SourceId {
  readonly baseUrl: string;
  /** Everything up to this id is in the log or in the spool; null if there was nothing yet. */
  readonly lastId: string | null;
  /** When the stream was last heard, in ms. */
  readonly seenMs: number;
}

/** An interruption. Edits and deletes that fell into it are lost either way. */
export interface Gap extends SourceId {
  readonly fromId: string | null;
  readonly toId: string | null;
  readonly fromMs: number | null;
  readonly toMs: number;
  /** Why the stream was interrupted. */
  readonly reason: string;
  /** How filling it went: `filled`, `bounded`, `closed`, `refused`, `failed` or `no_position`. */
  readonly outcome: string;
  readonly detail: string;
  /** Statuses fetched, those that were known already included. */
  readonly fetched: number;
  /** Records that it added to the log. */
  readonly filled: number;
  /** Whether statuses are missing. */
  readonly isOpen: boolean;
}

const positionRow = z.object({
  instance: z.string(),
  stream: z.string(),
  base_url: z.string(),
  last_id: z.string().nullable(),
  seen_at: z.date(),
});

const gapRow = z.object({
  instance: z.string(),
  stream: z.string(),
  from_id: z.string().nullable(),
  to_id: z.string().nullable(),
  from_at: z.date().nullable(),
  to_at: z.date(),
  reason: z.string(),
  outcome: z.string(),
  detail: z.string(),
  n_fetched: z.number(),
  n_filled: z.number(),
  is_open: z.boolean(),
});

/** The longest text that is kept of a reason: some hold a server's words. */
const MAX_REASON = 300;

/** All positions. */
export async function readIngestPositions(sql: Sql): Promise<IngestPosition[]> {
  const rows = await sql.query(
    `SELECT instance, stream, base_url, last_id, seen_at FROM masto.ingest_positions
     ORDER BY instance, stream`,
  );
  return z.array(positionRow).parse(rows).map((row) => ({
    instance: row.instance,
    stream: row.stream,
    baseUrl: row.base_url,
    lastId: row.last_id,
    seenMs: row.seen_at.getTime(),
  }));
}

/** Moves positions on; none goes back. */
export async function saveIngestPositions(
  sql: Sql,
  positions: readonly IngestPosition[],
): Promise<void> {
  if (positions.length === 0) return;
  await sql.query(
    `INSERT INTO masto.ingest_positions AS p (instance, stream, base_url, last_id, seen_at)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int8[], $5::timestamptz[])
     ON CONFLICT (instance, stream) DO UPDATE SET
       base_url = excluded.base_url, last_id = greatest(p.last_id, excluded.last_id),
       seen_at = greatest(p.seen_at, excluded.seen_at)`,
    [
      positions.map((p) => p.instance),
      positions.map((p) => p.stream),
      positions.map((p) => p.baseUrl),
      positions.map((p) => p.lastId),
      positions.map((p) => new Date(p.seenMs)),
    ],
  );
}

/** Records gaps. */
export async function insertGaps(sql: Sql, gaps: readonly Gap[]): Promise<void> {
  if (gaps.length === 0) return;
  await sql.query(
    `INSERT INTO masto.ingest_gaps
       (instance, stream, from_id, to_id, from_at, to_at, reason, outcome, detail, n_fetched,
        n_filled, is_open)
     SELECT * FROM unnest($1::text[], $2::text[], $3::int8[], $4::int8[], $5::timestamptz[],
                          $6::timestamptz[], $7::text[], $8::text[], $9::text[], $10::int[],
                          $11::int[], $12::bool[])`,
    [
      gaps.map((gap) => gap.instance),
      gaps.map((gap) => gap.stream),
      gaps.map((gap) => gap.fromId),
      gaps.map((gap) => gap.toId),
      gaps.map((gap) => gap.fromMs === null ? null : new Date(gap.fromMs)),
      gaps.map((gap) => new Date(gap.toMs)),
      gaps.map((gap) => kept(gap.reason)),
      gaps.map((gap) => gap.outcome),
      gaps.map((gap) => kept(gap.detail)),
      gaps.map((gap) => gap.fetched),
      gaps.map((gap) => gap.filled),
      gaps.map((gap) => gap.isOpen),
    ],
  );
}

/** A server's words as a database can keep them. */
function kept(text: string): string {
  return cleanText(text.slice(0, MAX_REASON));
}

/** The latest gaps, newest first. */
export async function readGaps(
  sql: Sql,
  { openOnly = false, limit = 100 }: { openOnly?: boolean; limit?: number } = {},
): Promise<Gap[]> {
  const rows = await sql.query(
    `SELECT instance, stream, from_id, to_id, from_at, to_at, reason, outcome, detail, n_fetched,
            n_filled, is_open
     FROM masto.ingest_gaps ${openOnly ? "WHERE is_open" : ""} ORDER BY gap_id DESC LIMIT $1`,
    [limit],
  );
  return z.array(gapRow).parse(rows).map((row) => ({
    instance: row.instance,
    stream: row.stream,
    fromId: row.from_id,
    toId: row.to_id,
    fromMs: row.from_at?.getTime() ?? null,
    toMs: row.to_at.getTime(),
    reason: row.reason,
    outcome: row.outcome,
    detail: row.detail,
    fetched: row.n_fetched,
    filled: row.n_filled,
    isOpen: row.is_open,
  }));
}
