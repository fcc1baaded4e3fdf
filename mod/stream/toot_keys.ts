/**
 * Toots by their keys, in bulk.
 *
 * @module
 */
import { z } from "zod";
import type { Sql } from "../db/database.ts";
import type { TootId } from "./toot_state.ts";

/** A row that names a toot. */
export const keyRow = z.object({ instance: z.string(), id: z.string() });

/** The parameters of `unnest($1::text[], $2::int8[]) AS k(instance, id)`. */
export function idColumns(ids: readonly TootId[]): [string[], string[]] {
  return [ids.map(({ instance }) => instance), ids.map(({ id }) => id)];
}

/**
 * Goes once through toots in the order of their keys, page by page, until there is none or the signal
 * aborts.
 *
 * @param next reads the first toots behind a key
 */
export async function* tootPages<T extends TootId>(
  next: (after: TootId) => Promise<readonly T[]>,
  signal?: AbortSignal,
): AsyncGenerator<readonly T[]> {
  let after: TootId = { instance: "", id: "0" };
  while (!signal?.aborted) {
    const page = await next(after);
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    after = last;
  }
}

/**
 * Locks toots until the transaction ends, in the order in which all lock them, against deadlocks;
 * gives those that are stored.
 *
 * To be read after they are locked: a statement that waits for a lock goes on with the predictions
 * that it saw before, while a job that scores toots has just replaced them.
 */
export async function lockToots(tx: Sql, ids: readonly TootId[]): Promise<TootId[]> {
  return z.array(keyRow).parse(
    await tx.query(
      `SELECT r.instance, r.id FROM unnest($1::text[], $2::int8[]) AS k(instance, id)
       JOIN masto.toots_raw r USING (instance, id)
       ORDER BY r.instance, r.id FOR UPDATE OF r`,
      idColumns(ids),
    ),
  );
}
