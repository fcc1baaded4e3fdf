/**
 * Status ids: decimal text of up to 63 bits that orders statuses by time. Mastodon's are snowflakes:
 * ms since the epoch, shifted by 16 bits, and a sequence number.
 * Source: https://github.com/mastodon/mastodon/blob/main/lib/mastodon/snowflake.rb
 *
 * @module
 */

/** Ids before this instant are not snowflakes: Mastodon's first release, in ms. */
const FIRST_SNOWFLAKE_MS = Date.UTC(2016, 2);

/** How many ids back an overlap reaches where ids do not tell the time. */
const PLAIN_OVERLAP = 200n;

/**
 * Orders two ids as numbers without making them numbers.
 *
 * @returns below 0 if `a` is the older one, above 0 if `b` is, 0 if they are equal
 * @example
 * ```ts
 * import { compareIds } from "./status_id.ts";
 * if (compareIds("99", "100") >= 0 || compareIds("7", "7") !== 0) throw new Error();
 * ```
 */
export function compareIds(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * When a snowflake was made, in ms; null for an id that is none.
 *
 * @example
 * ```ts
 * import { idTimeMs } from "./status_id.ts";
 * if (idTimeMs("109501876224000000") !== 1_670_866_031_250) throw new Error();
 * if (idTimeMs("17") !== null) throw new Error();
 * ```
 */
export function idTimeMs(id: string): number | null {
  const ms = Number(BigInt(id) >> 16n);
  return ms < FIRST_SNOWFLAKE_MS ? null : ms;
}

/**
 * The id to page on from, so that statuses that arrive late are not missed: Mastodon files a status
 * from afar under its own date, so its id lies below ids that were seen before it.
 */
export function overlapId(id: string, overlapMs: number): string {
  const ms = idTimeMs(id);
  const back = ms === null
    ? BigInt(id) - PLAIN_OVERLAP
    : BigInt(Math.max(0, ms - overlapMs)) << 16n;
  return (back < 0n ? 0n : back).toString();
}

/**
 * The larger of two ids, null standing for none.
 *
 * @example
 * ```ts
 * import { laterId } from "./status_id.ts";
 * if (laterId("99", "100") !== "100" || laterId(null, "7") !== "7") throw new Error();
 * ```
 */
export function laterId(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return compareIds(a, b) >= 0 ? a : b;
}
