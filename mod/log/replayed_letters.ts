/**
 * Which dead letters were fed again: kept in the database, so that none is twice by accident.
 *
 * @module
 */
import { z } from "zod";
import type { Sql } from "../db/database.ts";
import type { LetterId } from "./dead_letter_reader.ts";

/** Where a letter's replay stands. */
export type ReplayState =
  /** It was never fed again. */
  | "new"
  /** A replay was cut off: the letter may or may not be in the log. */
  | "unsure"
  /** It is in the log again. */
  | "fed";

const idRow = z.object({
  topic: z.string(),
  partition: z.number(),
  record_offset: z.string().transform(Number),
  seen_at: z.date().transform((date) => date.getTime()),
});
const stateRow = idRow.extend({ fed_at: z.date().nullable() });

const IDS = "unnest($1::text[], $2::int[], $3::int8[], $4::timestamptz[])";

/**
 * Takes letters for a replay and gives those that are the caller's: of two replays at a time each
 * letter goes to one. `again` takes those too that were fed before or that a replay left unsure.
 */
export async function claimLetters(
  sql: Sql,
  ids: readonly LetterId[],
  { again }: { again: boolean },
): Promise<Set<string>> {
  const rows = await sql.query(
    `INSERT INTO masto.replayed_dead_letters AS r (topic, partition, record_offset, seen_at)
     SELECT DISTINCT * FROM ${IDS} ORDER BY 1, 2, 3, 4
     ON CONFLICT (topic, partition, record_offset, seen_at)
     ${again ? "DO UPDATE SET claimed_at = now(), fed_at = NULL" : "DO NOTHING"}
     RETURNING topic, partition, record_offset, seen_at`,
    parameters(ids),
  );
  return new Set(z.array(idRow).parse(rows).map(keyOfRow));
}

/** Notes that letters are in the log again. */
export async function confirmLetters(sql: Sql, ids: readonly LetterId[]): Promise<void> {
  await sql.query(
    `UPDATE masto.replayed_dead_letters r SET fed_at = now()
     FROM ${IDS} AS i(topic, partition, record_offset, seen_at)
     WHERE (r.topic, r.partition, r.record_offset, r.seen_at) =
       (i.topic, i.partition, i.record_offset, i.seen_at)`,
    parameters(ids),
  );
}

/** Gives letters back that could not be appended. */
export async function releaseLetters(sql: Sql, ids: readonly LetterId[]): Promise<void> {
  await sql.query(
    `DELETE FROM masto.replayed_dead_letters r
     USING ${IDS} AS i(topic, partition, record_offset, seen_at)
     WHERE (r.topic, r.partition, r.record_offset, r.seen_at) =
       (i.topic, i.partition, i.record_offset, i.seen_at)`,
    parameters(ids),
  );
}

/** Where the replay of each letter stands, by {@linkcode letterKey}; new ones are left out. */
export async function replayStates(
  sql: Sql,
  ids: readonly LetterId[],
): Promise<Map<string, ReplayState>> {
  const rows = await sql.query(
    `SELECT r.topic, r.partition, r.record_offset, r.seen_at, r.fed_at
     FROM masto.replayed_dead_letters r
     JOIN ${IDS} AS i(topic, partition, record_offset, seen_at)
       USING (topic, partition, record_offset, seen_at)`,
    parameters(ids),
  );
  return new Map(
    z.array(stateRow).parse(rows).map((row) => [
      keyOfRow(row),
      row.fed_at === null ? "unsure" : "fed",
    ]),
  );
}

/** A letter's identity as text. */
export function letterKey({ topic, partition, offset, seenMs }: LetterId): string {
  return JSON.stringify([topic, partition, offset, seenMs]);
}

function keyOfRow(row: z.output<typeof idRow>): string {
  const { topic, partition, record_offset: offset, seen_at: seenMs } = row;
  return letterKey({ topic, partition, offset, seenMs });
}

function parameters(ids: readonly LetterId[]) {
  return [
    ids.map(({ topic }) => topic),
    ids.map(({ partition }) => partition),
    ids.map(({ offset }) => offset),
    ids.map(({ seenMs }) => new Date(seenMs)),
  ];
}
