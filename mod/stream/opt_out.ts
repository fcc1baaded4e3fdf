/**
 * Authors who opt out after toots of theirs were collected: everything of theirs that had reached
 * the log by then leaves the tables, or never gets there, with a tombstone each.
 *
 * An author's toots lie in all partitions, which are read in any order and by several workers, so
 * the rule is one of times and not of order: a toot stays out if it first reached the log at or
 * before its author's opt-out did.
 *
 * @module
 */
import { z } from "zod";
import type { Sql } from "../db/database.ts";
import { WIRE_VERSION } from "../mastodon/wire.ts";
import type { LoggedEvent } from "./decode.ts";

/** An author's wish, and when it reached the log. */
export interface OptOut {
  readonly accountId: string;
  readonly atMs: number;
}

const optOutRow = z.object({ account_id: z.string(), opted_out_at: z.date() });
const heldRow = z.object({ instance: z.string(), id: z.string(), ingested_at: z.date() });

/**
 * Applies opt-outs to a batch, inside its transaction: stores those that it tells of, marks the
 * events that they concern, and adds an event for each toot that the tables hold already.
 */
export async function applyOptOuts(
  tx: Sql,
  events: readonly LoggedEvent[],
): Promise<readonly LoggedEvent[]> {
  const told = events.flatMap(({ event, arrivedMs }) =>
    event.type === "opt_out" ? [{ accountId: event.account_id, atMs: arrivedMs }] : []
  );
  // A worker that stores toots and one that removes their author's must not pass each other unseen.
  await tx.script(
    `LOCK TABLE masto.opt_outs IN ${told.length > 0 ? "EXCLUSIVE" : "ROW SHARE"} MODE`,
  );
  const held = told.length === 0 ? [] : await withdrawals(tx, told);
  const authors = events.flatMap(({ event }) => "toot" in event ? [event.toot.account_id] : []);
  const rows = authors.length === 0 ? [] : z.array(optOutRow).parse(
    await tx.query(
      "SELECT account_id, opted_out_at FROM masto.opt_outs WHERE account_id = ANY($1::text[])",
      [[...new Set(authors)]],
    ),
  );
  if (rows.length === 0) return [...events, ...held];
  const until = new Map(rows.map((row) => [row.account_id, row.opted_out_at.getTime()]));
  const marked = events.map((logged) => {
    if (!("toot" in logged.event)) return logged;
    const at = until.get(logged.event.toot.account_id);
    return at !== undefined && logged.arrivedMs <= at ? { ...logged, withdrawn: true } : logged;
  });
  return [...marked, ...held];
}

/**
 * Stores opt-outs and gives an event for each toot that must go. The caller holds the table's lock.
 */
export async function withdrawals(tx: Sql, told: readonly OptOut[]): Promise<LoggedEvent[]> {
  const latest = new Map<string, number>();
  for (const { accountId, atMs } of told) {
    latest.set(accountId, Math.max(atMs, latest.get(accountId) ?? -Infinity));
  }
  await tx.query(
    `INSERT INTO masto.opt_outs AS o (account_id, opted_out_at)
     SELECT * FROM unnest($1::text[], $2::timestamptz[])
     ON CONFLICT (account_id) DO UPDATE
       SET opted_out_at = greatest(o.opted_out_at, excluded.opted_out_at)`,
    [[...latest.keys()], [...latest.values()].map((ms) => new Date(ms))],
  );
  const rows = z.array(heldRow).parse(
    await tx.query(
      `SELECT r.instance, r.id, r.ingested_at
       FROM masto.opt_outs o JOIN masto.toots_raw r USING (account_id)
       WHERE o.account_id = ANY($1::text[]) AND r.ingested_at <= o.opted_out_at`,
      [[...latest.keys()]],
    ),
  );
  return rows.map(({ instance, id, ingested_at }) => ({
    offset: -1,
    arrivedMs: ingested_at.getTime(),
    event: { v: WIRE_VERSION, type: "delete", instance, id },
    withdrawn: true,
  }));
}
