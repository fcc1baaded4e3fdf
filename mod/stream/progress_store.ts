/**
 * Positions, counters and finality, as the database keeps them.
 *
 * @module
 */
import { z } from "zod";
import type { CombinedStatement } from "../db/combined_statement.ts";
import type { Sql } from "../db/database.ts";
import { FencedError } from "../log/event_log.ts";
import type { EventCounts } from "./event_counts.ts";

/** Whose position it is. */
export interface GroupTopic {
  readonly group: string;
  readonly topic: string;
}

/** Where a partition stands. */
export interface Position {
  readonly partition: number;
  readonly nextOffset: number;
  /** Newest event time seen, in ms. */
  readonly maxEventMs: number | null;
  readonly isIdle: boolean;
  /** Time since it moved last, by the database's clock, in ms. */
  readonly quietMs: number;
}

const positionRow = z.object({
  partition: z.number(),
  next_offset: z.string().transform(Number),
  max_event_time: z.date().nullable(),
  is_idle: z.boolean(),
  quiet_ms: z.number(),
});

/** Makes rows for partitions that have none: a partition without a row would not hold windows open. */
export async function initPositions(
  sql: Sql,
  { group, topic, partitions }: GroupTopic & { partitions: readonly number[] },
): Promise<void> {
  await sql.query(
    `INSERT INTO masto.stream_progress (worker_group, topic, partition)
     SELECT $1, $2, p FROM unnest($3::int[]) p ORDER BY p ON CONFLICT DO NOTHING`,
    [group, topic, partitions],
  );
}

/** Reads the positions of a group, locked against change if asked for. */
export async function readPositions(
  sql: Sql,
  { group, topic, lock = false }: GroupTopic & { lock?: boolean },
): Promise<Position[]> {
  const rows = await sql.query(
    `SELECT partition, next_offset, max_event_time, is_idle,
            (extract(epoch FROM clock_timestamp() - updated_at) * 1000)::float8 AS quiet_ms
     FROM masto.stream_progress
     WHERE worker_group = $1 AND topic = $2 ORDER BY partition ${lock ? "FOR SHARE" : ""}`,
    [group, topic],
  );
  return z.array(positionRow).parse(rows).map((row) => ({
    partition: row.partition,
    nextOffset: row.next_offset,
    maxEventMs: row.max_event_time?.getTime() ?? null,
    isIdle: row.is_idle,
    quietMs: row.quiet_ms,
  }));
}

const lockedRow = positionRow.pick({ partition: true, next_offset: true });

/**
 * Locks partitions' rows until the transaction ends.
 *
 * @param expected the next offset of each partition
 * @throws {FencedError} if a stored position is not the expected one
 */
export async function lockPositions(
  tx: Sql,
  { group, topic, expected }: GroupTopic & { expected: ReadonlyMap<number, number> },
): Promise<void> {
  // Locked in the order in which finality locks them.
  const rows = z.array(lockedRow).parse(
    await tx.query(
      `SELECT partition, next_offset FROM masto.stream_progress
       WHERE worker_group = $1 AND topic = $2 AND partition = ANY($3::int[])
       ORDER BY partition FOR UPDATE`,
      [group, topic, [...expected.keys()]],
    ),
  );
  const stored = new Map(rows.map((row) => [row.partition, row.next_offset]));
  for (const [partition, offset] of expected) {
    const found = stored.get(partition) ?? null;
    if (found !== offset) throw new FencedError(topic, { partition, expected: offset, found });
  }
}

/** What a batch adds to its partition's row. */
export interface Advance extends GroupTopic {
  readonly partition: number;
  readonly nextOffset: number;
  readonly maxEventMs: number | null;
  readonly graceMs: number;
  readonly records: number;
  readonly deadLetters: number;
  readonly counts: EventCounts;
}

/** Adds to a statement what moves a partition on. */
export function addAdvance(statement: CombinedStatement, advance: Advance): void {
  const { maxEventMs, graceMs, counts } = advance;
  statement.add((bind) =>
    `UPDATE masto.stream_progress SET
       next_offset = ${bind(advance.nextOffset)},
       max_event_time = ${bind(dateOf(maxEventMs))},
       watermark = ${bind(dateOf(maxEventMs === null ? null : maxEventMs - graceMs))},
       is_idle = false, updated_at = now(),
       n_records = n_records + ${bind(advance.records)},
       n_dead_letters = n_dead_letters + ${bind(advance.deadLetters)},
       n_toots = n_toots + ${bind(counts.toots)},
       n_duplicates = n_duplicates + ${bind(counts.duplicates)},
       n_copies = n_copies + ${bind(counts.copies)}, n_edits = n_edits + ${bind(counts.edits)},
       n_stale = n_stale + ${bind(counts.stale)}, n_deletes = n_deletes + ${bind(counts.deletes)},
       n_unknown = n_unknown + ${bind(counts.unknown)},
       n_after_delete = n_after_delete + ${bind(counts.afterDelete)},
       n_late = n_late + ${bind(counts.late)}
     WHERE worker_group = ${bind(advance.group)} AND topic = ${bind(advance.topic)}
       AND partition = ${bind(advance.partition)}`
  );
}

function dateOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}

/** Marks partitions idle that still stand where their owner saw them fall silent. */
export async function markIdle(
  sql: Sql,
  { group, topic, silent }: GroupTopic & { silent: ReadonlyMap<number, number> },
): Promise<void> {
  if (silent.size === 0) return;
  // Locked in the order in which finality locks them.
  await sql.query(
    `WITH locked AS (
       SELECT p.partition FROM masto.stream_progress p
       JOIN unnest($3::int[], $4::int8[]) AS s(partition, next_offset) USING (partition)
       WHERE p.worker_group = $1 AND p.topic = $2 AND p.next_offset = s.next_offset
         AND NOT p.is_idle
       ORDER BY p.partition FOR UPDATE OF p
     )
     UPDATE masto.stream_progress p SET is_idle = true FROM locked
     WHERE p.worker_group = $1 AND p.topic = $2 AND p.partition = locked.partition`,
    [group, topic, [...silent.keys()], [...silent.values()]],
  );
}
