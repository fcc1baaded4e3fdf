/**
 * Removes what should no longer be kept: toots of an author or a domain, with what they added to the
 * windows; toots above an age, whose windows stay; expired tombstones; the embedded log's old end.
 *
 * @module
 */
import { z } from "zod";
import { contended } from "../db/contended.ts";
import type { Database, Sql, SqlValue } from "../db/database.ts";
import { unhurried } from "../db/unhurried.ts";
import { readWindowMs } from "../stream/finality.ts";
import {
  ALONE_WITH_OPT_OUTS,
  heldRow,
  type HeldToot,
  storeOptOuts,
  withdrawal,
} from "../stream/opt_out.ts";
import { PLAN_BY_INDEX } from "../stream/plan_by_index.ts";
import { readPrior } from "../stream/prior_store.ts";
import { reduceBatches } from "../stream/reduce.ts";
import { lockToots, tootPages } from "../stream/toot_keys.ts";
import type { TootId } from "../stream/toot_state.ts";
import { removeToots, writeToots } from "../stream/toot_store.ts";
import { PartitionClock } from "../stream/window.ts";
import { addDeltas } from "../stream/window_store.ts";

/** How a purge goes about it. */
export interface PurgeOptions {
  /** Only counts. */
  readonly dryRun: boolean;
  /** The clock, in ms. @default {Date.now} */
  readonly now?: () => number;
  readonly signal?: AbortSignal;
  /** Toots in one transaction. @default {2000} */
  readonly batchSize?: number;
}

/** Which toots. */
export type PurgeTarget =
  /** As `account_id` names the author. */
  | { readonly kind: "author"; readonly accountId: string }
  /** Authors of a server, and all that was collected from it; in lower case. */
  | { readonly kind: "domain"; readonly domain: string };

const trimRow = z.object({ topic: z.string(), partition: z.number(), keep_from: z.string() });
const countRow = z.object({ n: z.number() });

/**
 * Removes an author's or a domain's toots, predictions included, and corrects their windows. Each
 * leaves a tombstone, so that an edit does not bring it back; an author's wish is remembered, so that
 * what the log still holds of theirs does not come back either. Gives the number of toots.
 */
export async function purgeToots(
  db: Database,
  { target, options }: { target: PurgeTarget; options: PurgeOptions },
): Promise<number> {
  const { where, param } = conditionOf(target);
  if (options.dryRun) return await count(db, `masto.toots_raw r WHERE ${where}`, [param]);
  if (target.kind === "author") await keepOut(db, { accountId: target.accountId, options });
  return await removeEach(db, { where, param, options, remove: withdraw });
}

/** Stores an author's wish as the stream does when told of one: what the log holds by now stays out. */
async function keepOut(
  db: Database,
  { accountId, options: { now = Date.now } }: { accountId: string; options: PurgeOptions },
): Promise<void> {
  await contended(db, (tx) => storeOptOuts(tx, [{ accountId, atMs: now() }]), {
    opening: ALONE_WITH_OPT_OUTS,
  });
}

function conditionOf(target: PurgeTarget): { where: string; param: string } {
  if (target.kind === "author") return { where: "r.account_id = $1", param: target.accountId };
  // A uri's host, without a port; toots that the server itself served go with it.
  return {
    where: "(r.instance = $1 OR split_part(split_part(r.uri, '/', 3), ':', 1) = $1)",
    param: target.domain,
  };
}

/** Takes toots out as the stream takes out what an opt-out concerns; gives how many were there still. */
async function withdraw(tx: Sql, rows: readonly HeldToot[]): Promise<number> {
  const events = rows.map(withdrawal);
  const clock = new PartitionClock({ graceMs: 0, maxEventTime: null });
  const changes = reduceBatches([{ partition: 0, events, clock }], {
    prior: await readPrior(tx, { events: events.map(({ event }) => event), assumeNew: false }),
    windowMs: await readWindowMs(tx),
    finalUntilMs: -Infinity,
    score: () => null,
  });
  await writeToots(tx, { changes, topic: "", modelVersion: null });
  await addDeltas(tx, changes.deltas);
  return changes.removals.length;
}

/**
 * Removes toots and predictions written before an instant, in ms. Their windows stay: they say
 * nothing of single toots. Gives the number of toots.
 */
export async function purgeOldToots(
  db: Database,
  { beforeMs, options }: { beforeMs: number; options: Omit<PurgeOptions, "now"> },
): Promise<number> {
  const before = new Date(beforeMs);
  if (options.dryRun) return await count(db, "masto.toots_raw WHERE created_at < $1", [before]);
  return await removeEach(db, {
    where: "r.created_at < $1",
    param: before,
    options,
    remove: async (tx, rows) => {
      const held = await lockToots(tx, rows);
      await removeToots(tx, held);
      return held.length;
    },
  });
}

/**
 * Goes once through the toots that meet a condition, in the order of their key, and gives the sum of
 * what their removals give. Looking for them locks nothing, since that may take long.
 */
async function removeEach(
  db: Database,
  { where, param, options, remove }: {
    where: string;
    param: SqlValue;
    options: Pick<PurgeOptions, "batchSize" | "signal">;
    remove: (tx: Sql, rows: readonly HeldToot[]) => Promise<number>;
  },
): Promise<number> {
  const { batchSize = 2000, signal } = options;
  const find = async ({ instance, id }: TootId) =>
    z.array(heldRow).parse(
      await unhurried(
        db,
        `SELECT r.instance, r.id, r.ingested_at FROM masto.toots_raw r
         WHERE ${where} AND (r.instance, r.id) > ($2, $3::int8)
         ORDER BY r.instance, r.id LIMIT $4`,
        [param, instance, id, batchSize],
      ),
    );
  let removed = 0;
  for await (const rows of tootPages(find, signal)) {
    removed += await contended(db, (tx) => remove(tx, rows), { opening: PLAN_BY_INDEX });
  }
  return removed;
}

/** Removes tombstones and records of filled gaps from before an instant, in ms; gives how many of each. */
export async function purgeMarks(
  db: Database,
  { beforeMs, dryRun }: { beforeMs: number; dryRun: boolean },
): Promise<{ tombstones: number; gaps: number }> {
  const before = new Date(beforeMs);
  return {
    tombstones: await remove(db, {
      from: "masto.tombstones WHERE deleted_at < $1",
      params: [before],
      dryRun,
    }),
    gaps: await remove(db, {
      from: "masto.ingest_gaps WHERE NOT is_open AND to_at < $1",
      params: [before],
      dryRun,
    }),
  };
}

/**
 * Removes records of the embedded log from before an instant, in ms, that every group which reads
 * their topic has processed; those of a topic that no group reads go by age alone.
 */
export async function trimEmbeddedLog(
  db: Database,
  { beforeMs, dryRun }: { beforeMs: number; dryRun: boolean },
): Promise<number> {
  // Only from the front, so that each partition's start says what is gone.
  const partitions = z.array(trimRow).parse(
    await unhurried(
      db,
      `SELECT p.topic, p.partition, least(
         coalesce((SELECT min(next_offset) FROM masto.stream_progress s
                   WHERE s.topic = p.topic AND s.partition = p.partition), p.next_offset),
         coalesce((SELECT min(record_offset) FROM masto.log_records r
                   WHERE r.topic = p.topic AND r.partition = p.partition AND r.appended_at >= $1),
                  p.next_offset)
       ) AS keep_from
       FROM masto.log_partitions p`,
      [new Date(beforeMs)],
    ),
  );
  let removed = 0;
  for (const { topic, partition, keep_from } of partitions) {
    const params = [topic, partition, keep_from];
    if (!dryRun) {
      // By itself and first: what appends wait for is locked but briefly, and nobody is told to begin
      // at what is gone.
      await db.query(
        `UPDATE masto.log_partitions SET start_offset = greatest(start_offset, $3::int8)
         WHERE topic = $1 AND partition = $2`,
        params,
      );
    }
    removed += await remove(db, {
      from: `masto.log_records
        WHERE topic = $1 AND partition = $2 AND record_offset < $3::int8`,
      params,
      dryRun,
    });
  }
  return removed;
}

/**
 * Removes an author's or a domain's toots from the embedded log as well, where the stream has
 * processed them; word of opt-outs stays. Dead letters may quote anybody: they go by age.
 */
export async function purgeEmbeddedLog(
  db: Database,
  { target, topic, dryRun }: { target: PurgeTarget; topic: string; dryRun: boolean },
): Promise<number> {
  // An id or a host as JSON writes it, between quotes or slashes, so that no part of another fits.
  const marks = target.kind === "author"
    ? [`"account_id":${JSON.stringify(target.accountId)}`]
    : [`"instance":"${target.domain}"`, `://${target.domain}/`, `://${target.domain}:`];
  return await remove(db, {
    from: `masto.log_records r WHERE r.topic = $1
      AND position(convert_to('"toot":', 'UTF8') in r.value) > 0
      AND EXISTS (SELECT FROM unnest($2::text[]) m
                  WHERE position(convert_to(m, 'UTF8') in r.value) > 0)
      AND r.record_offset < (SELECT min(next_offset) FROM masto.stream_progress s
                             WHERE s.topic = r.topic AND s.partition = r.partition)`,
    params: [topic, marks],
    dryRun,
  });
}

async function remove(
  db: Database,
  { from, params, dryRun }: { from: string; params: readonly SqlValue[]; dryRun: boolean },
): Promise<number> {
  if (dryRun) return await count(db, from, params);
  return await number(
    db,
    `WITH gone AS (DELETE FROM ${from} RETURNING 1) SELECT count(*)::int AS n FROM gone`,
    params,
  );
}

function count(db: Database, from: string, params: readonly SqlValue[]): Promise<number> {
  return number(db, `SELECT count(*)::int AS n FROM ${from}`, params);
}

async function number(db: Database, text: string, params: readonly SqlValue[]): Promise<number> {
  return z.array(countRow).parse(await unhurried(db, text, params))[0]?.n ?? 0;
}
