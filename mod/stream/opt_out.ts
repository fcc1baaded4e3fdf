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
import { type LoggedEvent, loggedEvent } from "./decode.ts";
import { keyRow } from "./toot_keys.ts";

/** An author's wish, and when it reached the log. */
export interface OptOut {
  readonly accountId: string;
  readonly atMs: number;
}

interface Batch {
  readonly events: readonly LoggedEvent[];
}

const optOutRow = z.object({
  account_id: z.string(),
  opted_out_at: z.date(),
  change_no: z.string().transform(BigInt),
});
/** A toot that the tables hold, and when it reached the log. */
export const heldRow = keyRow.extend({ ingested_at: z.date() });
/** See {@linkcode heldRow}. */
export type HeldToot = z.output<typeof heldRow>;

/** Nobody else may store toots meanwhile, nor tell of opt-outs. */
export const ALONE_WITH_OPT_OUTS = "LOCK TABLE masto.opt_outs IN EXCLUSIVE MODE";

/**
 * The statement that begins a transaction with opt-outs in it or with toots that they may concern: a
 * worker that stores toots and one that removes their author's must not pass each other unseen.
 */
export function optOutLock(batches: readonly Batch[]): string {
  const isTold = batches.some((batch) => toldBy(batch).length > 0);
  return isTold ? ALONE_WITH_OPT_OUTS : "LOCK TABLE masto.opt_outs IN ROW SHARE MODE";
}

/** The opt-outs that a worker knows; it asks for no more than the news of them. */
export class OptOuts {
  readonly #until = new Map<string, number>();
  #changeNo = 0n;

  /**
   * Stores the opt-outs that batches tell of, inside their transaction and under
   * {@linkcode optOutLock}, and adds to the batch that tells an event for each toot that the tables
   * hold already.
   */
  async withdraw<B extends Batch>(tx: Sql, batches: readonly B[]): Promise<B[]> {
    const all: B[] = [];
    for (const batch of batches) {
      const told = toldBy(batch);
      const held = told.length === 0 ? [] : await withdrawals(tx, told);
      all.push(held.length === 0 ? batch : { ...batch, events: [...batch.events, ...held] });
    }
    return all;
  }

  /** Marks the events that an opt-out concerns, one that batches tell of or an earlier one. */
  async mark<B extends Batch>(tx: Sql, batches: readonly B[]): Promise<B[]> {
    const isOwn = batches.some((batch) => toldBy(batch).length > 0);
    const until = await this.#known(tx, { isOwn });
    if (until.size === 0) return [...batches];
    return batches.map((batch) => ({
      ...batch,
      events: batch.events.map((logged) => marked(logged, until)),
    }));
  }

  /** All of them. What this transaction itself has told may be undone with it, and is not kept. */
  async #known(tx: Sql, { isOwn }: { isOwn: boolean }): Promise<ReadonlyMap<string, number>> {
    const news = z.array(optOutRow).parse(
      await tx.query(
        "SELECT account_id, opted_out_at, change_no FROM masto.opt_outs WHERE change_no > $1",
        [this.#changeNo],
      ),
    );
    const until = isOwn ? new Map(this.#until) : this.#until;
    for (const { account_id, opted_out_at, change_no } of news) {
      until.set(account_id, opted_out_at.getTime());
      if (!isOwn && change_no > this.#changeNo) this.#changeNo = change_no;
    }
    return until;
  }
}

function toldBy({ events }: Batch): OptOut[] {
  const told: OptOut[] = [];
  for (const { event, arrivedMs } of events) {
    if (event.type === "opt_out") told.push({ accountId: event.account_id, atMs: arrivedMs });
  }
  return told;
}

function marked(logged: LoggedEvent, until: ReadonlyMap<string, number>): LoggedEvent {
  if (!("toot" in logged.event)) return logged;
  const at = until.get(logged.event.toot.account_id);
  return at !== undefined && logged.arrivedMs <= at ? { ...logged, withdrawn: true } : logged;
}

/** Stores opt-outs, each author's latest. To be called {@linkcode ALONE_WITH_OPT_OUTS}. */
export async function storeOptOuts(tx: Sql, told: readonly OptOut[]): Promise<void> {
  const latest = new Map<string, number>();
  for (const { accountId, atMs } of told) {
    latest.set(accountId, Math.max(atMs, latest.get(accountId) ?? -Infinity));
  }
  await tx.query(
    `INSERT INTO masto.opt_outs AS o (account_id, opted_out_at)
     SELECT * FROM unnest($1::text[], $2::timestamptz[])
     ON CONFLICT (account_id) DO UPDATE
       SET opted_out_at = greatest(o.opted_out_at, excluded.opted_out_at), change_no = DEFAULT`,
    [[...latest.keys()], [...latest.values()].map((ms) => new Date(ms))],
  );
}

/** Stores opt-outs and gives an event for each toot that must go. */
async function withdrawals(tx: Sql, told: readonly OptOut[]): Promise<LoggedEvent[]> {
  await storeOptOuts(tx, told);
  const rows = z.array(heldRow).parse(
    await tx.query(
      `SELECT r.instance, r.id, r.ingested_at
       FROM masto.opt_outs o JOIN masto.toots_raw r USING (account_id)
       WHERE o.account_id = ANY($1::text[]) AND r.ingested_at <= o.opted_out_at`,
      [[...new Set(told.map(({ accountId }) => accountId))]],
    ),
  );
  return rows.map(withdrawal);
}

/** The event that takes a toot out which the tables hold. */
export function withdrawal({ instance, id, ingested_at }: HeldToot): LoggedEvent {
  const event = { v: WIRE_VERSION, type: "delete", instance, id } as const;
  const arrivedMs = ingested_at.getTime();
  return { ...loggedEvent({ offset: -1, arrivedMs, event }), withdrawn: true };
}
