/**
 * Reads what the database holds of the toots that a batch names.
 *
 * @module
 */
import { z } from "zod";
import type { Sql } from "../db/database.ts";
import { compareIds } from "../mastodon/status_id.ts";
import type { WireEvent } from "../mastodon/wire.ts";
import type { Prior } from "./reduce.ts";
import { idColumns, keyRow, lockToots } from "./toot_keys.ts";
import { keyOf, type StoredToot, type TootId } from "./toot_state.ts";

const labels = z.enum(["positive", "neutral", "negative"]);

const tootRow = z.object({
  instance: z.string(),
  id: z.string(),
  uri: z.string(),
  created_at: z.date(),
  edited_at: z.date().nullable(),
  lang: z.string(),
  account_id: z.string(),
  length: z.number(),
  is_late: z.boolean(),
  score_lang: z.string().nullable(),
  prob_pos: z.number().nullable(),
  label_str: labels.nullable(),
});

const ownerRow = keyRow.extend({ uri: z.string() });

/**
 * Reads the prior state of a batch, locking the toots that it may change.
 *
 * With `assumeNew`, toots that the batch shows only in their first version are taken to be new and
 * not looked up, as nearly all of a live stream is. Where that is wrong, inserting them breaks a
 * unique key, and the batch must be tried again without.
 */
export async function readPrior(
  tx: Sql,
  { events, assumeNew }: { events: readonly WireEvent[]; assumeNew: boolean },
): Promise<Prior> {
  const sought = assumeNew ? notSurelyNew(events) : events;
  const [tombstones, { toots, owners }] = await Promise.all([
    readTombstones(tx, { events, sought }),
    sought.length === 0 ? { toots: [], owners: [] } : readToots(tx, sought),
  ]);
  return {
    toots: new Map(toots.map((row) => [keyOf(row), toStored(row)])),
    tombstones,
    // A toot that was looked up for its delete owns a uri too, until the delete's turn comes.
    uriOwners: new Map([...owners, ...toots].map((row) => [row.uri, keyOf(row)])),
  };
}

/** Tombstones between a batch's ids up to which it pays to read them all. */
const MANY_TOMBSTONES = 4000;

/**
 * The tombstones of a batch's toots, and perhaps of others. The new toots of a live stream have ids
 * close together, so reading whatever lies between them takes two parameters instead of thousands.
 */
async function readTombstones(
  tx: Sql,
  { events, sought }: { events: readonly WireEvent[]; sought: readonly WireEvent[] },
): Promise<Set<string>> {
  const looked = new Set(sought.map(keyOf));
  const others = looked.size === 0 ? events : events.filter((event) => !looked.has(keyOf(event)));
  const [found, near] = await Promise.all([
    sought.length === 0 ? [] : tombstonesOf(tx, sought),
    others.length === 0 ? [] : tombstonesNear(tx, others),
  ]);
  const rest = near.length < MANY_TOMBSTONES ? near : await tombstonesOf(tx, others);
  return new Set([...found, ...rest].map(keyOf));
}

async function tombstonesNear(tx: Sql, events: readonly WireEvent[]): Promise<TootId[]> {
  return z.array(keyRow).parse(
    await tx.query(
      `SELECT t.instance, t.id
       FROM unnest($1::text[], $2::int8[], $3::int8[]) AS r(instance, low, high)
       JOIN masto.tombstones t ON t.instance = r.instance AND t.id BETWEEN r.low AND r.high
       LIMIT $4`,
      [...idRanges(events), MANY_TOMBSTONES],
    ),
  );
}

async function tombstonesOf(tx: Sql, events: readonly WireEvent[]): Promise<TootId[]> {
  return z.array(keyRow).parse(
    await tx.query(
      `SELECT instance, id FROM unnest($1::text[], $2::int8[]) AS k(instance, id)
       JOIN masto.tombstones USING (instance, id)`,
      idColumns(distinct(events)),
    ),
  );
}

/** The least and the largest id of each instance. */
function idRanges(events: readonly WireEvent[]): [string[], string[], string[]] {
  const ranges = new Map<string, { low: string; high: string }>();
  for (const { instance, id } of events) {
    const range = ranges.get(instance);
    if (range === undefined) ranges.set(instance, { low: id, high: id });
    else if (compareIds(id, range.low) < 0) range.low = id;
    else if (compareIds(id, range.high) > 0) range.high = id;
  }
  const rows = [...ranges.values()];
  return [[...ranges.keys()], rows.map(({ low }) => low), rows.map(({ high }) => high)];
}

/** All events of the toots of which the batch shows more than a first version. */
function notSurelyNew(events: readonly WireEvent[]): WireEvent[] {
  const keys = new Set(events.filter((event) => !isFirstVersion(event)).map(keyOf));
  return keys.size === 0 ? [] : events.filter((event) => keys.has(keyOf(event)));
}

function isFirstVersion(event: WireEvent): boolean {
  return event.type === "update" && event.toot.edited_at === null;
}

/** One event of each toot. */
function distinct(events: readonly WireEvent[]): WireEvent[] {
  return [...new Map(events.map((event) => [keyOf(event), event])).values()];
}

async function readToots(tx: Sql, events: readonly WireEvent[]) {
  const ids = distinct(events);
  const uris = [...new Set(events.flatMap((e) => "toot" in e ? [e.toot.uri] : []))];
  const [, toots, owners] = await Promise.all([
    lockToots(tx, ids),
    tx.query(
      `SELECT r.instance, r.id, r.uri, r.created_at, r.edited_at, r.lang, r.account_id,
              char_length(r.content_txt) AS length, r.is_late,
              s.lang AS score_lang, s.prob_pos, s.label_str
       FROM unnest($1::text[], $2::int8[]) AS k(instance, id)
       JOIN masto.toots_raw r USING (instance, id)
       LEFT JOIN masto.toots_sentiment s USING (instance, id)`,
      idColumns(ids),
    ),
    tx.query(
      "SELECT uri, instance, id FROM masto.toots_raw WHERE uri = ANY($1::text[])",
      [uris],
    ),
  ]);
  return { toots: z.array(tootRow).parse(toots), owners: z.array(ownerRow).parse(owners) };
}

function toStored(row: z.output<typeof tootRow>): StoredToot {
  const { score_lang: lang, prob_pos: probability, label_str: label } = row;
  return {
    createdMs: row.created_at.getTime(),
    editedMs: row.edited_at?.getTime() ?? null,
    uri: row.uri,
    lang: row.lang,
    accountId: row.account_id,
    length: row.length,
    isLate: row.is_late,
    score: lang === null || probability === null || label === null
      ? null
      : { lang, probability, label },
  };
}
