/**
 * Beginnings in time as people write them.
 *
 * @module
 */
import { parseTime } from "../stats/parse_time.ts";

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * A day, a time, or an age such as `36h`, in ms; null for anything else.
 *
 * @example
 * ```ts
 * import { parseSince } from "./since.ts";
 * const now = Date.parse("2026-01-05T12:00:00Z");
 * if (parseSince("36h", now) !== parseSince("2026-01-04", now)) throw new Error();
 * if (parseSince("yesterday", now) !== null) throw new Error();
 * ```
 */
export function parseSince(text: string, nowMs: number): number | null {
  const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return parseTime(text)?.getTime() ?? null;
  return nowMs - Number(amount) * (UNIT_MS[unit] ?? 0);
}
