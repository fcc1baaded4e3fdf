/**
 * What the stream job has counted since the database was new.
 *
 * @module
 */
import { z } from "zod";
import type { Sql } from "../db/database.ts";
import type { EventCounts } from "./event_counts.ts";

/** Sums over all partitions; exact through any crash, since each batch adds to them once. */
export interface StreamTotals extends Omit<EventCounts, "optOuts" | "withdrawn"> {
  readonly records: number;
  readonly deadLetters: number;
}

const totalsRow = z.object({
  records: z.number(),
  deadLetters: z.number(),
  toots: z.number(),
  duplicates: z.number(),
  copies: z.number(),
  edits: z.number(),
  stale: z.number(),
  deletes: z.number(),
  unknown: z.number(),
  afterDelete: z.number(),
  late: z.number(),
});

/** Reads the totals of a topic. */
export async function streamTotals(sql: Sql, topic: string): Promise<StreamTotals> {
  const sum = (column: string) => `coalesce(sum(n_${column}), 0)::float8`;
  const rows = z.array(totalsRow).parse(
    await sql.query(
      `SELECT ${sum("records")} AS records, ${sum("dead_letters")} AS "deadLetters",
              ${sum("toots")} AS toots, ${sum("duplicates")} AS duplicates,
              ${sum("copies")} AS copies, ${sum("edits")} AS edits, ${sum("stale")} AS stale,
              ${sum("deletes")} AS deletes, ${sum("unknown")} AS unknown,
              ${sum("after_delete")} AS "afterDelete", ${sum("late")} AS late
       FROM masto.stream_progress WHERE topic = $1`,
      [topic],
    ),
  );
  const [totals] = rows;
  if (totals === undefined) throw new Error("An aggregate without GROUP BY returned no row");
  return totals;
}
