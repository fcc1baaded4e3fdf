/**
 * Which windows are final: those that end at or before the whole watermark of all partitions of all
 * workers, as the database knows it.
 *
 * @module
 */
import { z } from "zod";
import { contended } from "../db/contended.ts";
import type { Database, Sql } from "../db/database.ts";
import { type GroupTopic, readPositions } from "./progress_store.ts";
import { wholeWatermark, windowStart } from "./window.ts";

/** The database's windows are of another length, or another group's. */
export class WindowClockError extends Error {
  override readonly name = "WindowClockError";
}

const clockRow = z.object({
  worker_group: z.string(),
  window_s: z.number(),
  final_until: z.date(),
});

/**
 * Settles the length of the windows and the group that writes them, on first use.
 *
 * @throws {WindowClockError} if the database holds windows of another length or group
 */
export async function claimWindows(
  sql: Sql,
  { group, windowS }: { group: string; windowS: number },
): Promise<void> {
  await sql.query(
    `INSERT INTO masto.window_clock (worker_group, window_s) VALUES ($1, $2)
     ON CONFLICT DO NOTHING`,
    [group, windowS],
  );
  const clock = await readClock(sql);
  if (clock.window_s !== windowS) {
    throw new WindowClockError(
      `WINDOW_S holds ${windowS}: it should be ${clock.window_s}, the length of the windows that ` +
        "the database already holds",
    );
  }
  if (clock.worker_group !== group) {
    throw new WindowClockError(
      `The windows of this database are written by the group "${clock.worker_group}", not "${group}"`,
    );
  }
}

/** The length of the windows that the database holds, in ms. */
export async function readWindowMs(sql: Sql): Promise<number> {
  return (await readClock(sql)).window_s * 1000;
}

/** Windows that end at or before this time are final, in ms; -Infinity if none. */
export async function readFinalUntil(sql: Sql): Promise<number> {
  const { final_until } = await readClock(sql);
  return final_until.getTime() <= -8.64e15 ? -Infinity : final_until.getTime();
}

/**
 * Moves finality on to the whole watermark; gives the time until which windows are final.
 *
 * The share locks wait for batches in flight, and a batch that starts meanwhile waits here and then
 * sees the new finality: so no window changes by new toots once it was called final.
 */
export function advanceFinality(
  db: Database,
  { group, topic, graceMs, windowMs }: GroupTopic & { graceMs: number; windowMs: number },
): Promise<number> {
  return contended(db, async (tx) => {
    const positions = await readPositions(tx, { group, topic, lock: true });
    const watermark = wholeWatermark(
      positions.map(({ maxEventMs, isIdle }) => ({
        watermark: maxEventMs === null ? null : maxEventMs - graceMs,
        isIdle,
      })),
    );
    const before = await readFinalUntil(tx);
    if (watermark === -Infinity) return before;
    const finalUntil = windowStart(watermark, windowMs);
    if (finalUntil <= before) return before;
    await tx.query(
      "UPDATE masto.window_clock SET final_until = greatest(final_until, $1::timestamptz)",
      [new Date(finalUntil)],
    );
    return finalUntil;
  });
}

async function readClock(sql: Sql): Promise<z.output<typeof clockRow>> {
  const rows = z.array(clockRow).parse(
    await sql.query("SELECT worker_group, window_s, final_until FROM masto.window_clock"),
  );
  const [clock] = rows;
  if (clock === undefined) throw new WindowClockError("The database has no windows yet");
  return clock;
}
