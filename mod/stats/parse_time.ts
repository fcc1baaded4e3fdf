/**
 * Times as people type them.
 *
 * @module
 */

/**
 * Reads a day (`2026-01-05`, its start in UTC) or a time with its zone (`2026-01-05T10:30Z`).
 *
 * @returns The time, or null for anything else; a day that does not exist is none.
 *
 * @example A day, a time, and no day
 * ```ts
 * import { parseTime } from "./parse_time.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseTime("2026-01-05")?.toISOString(), "2026-01-05T00:00:00.000Z");
 * assertEquals(parseTime("2026-01-05T10:30+02:00")?.toISOString(), "2026-01-05T08:30:00.000Z");
 * assertEquals(parseTime("2026-02-30"), null);
 * ```
 */
export function parseTime(text: string): Date | null {
  const match = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/
    .exec(text);
  if (match === null) return null;
  // Date rolls 30 February over to March; the day must come back as it went in.
  const day = new Date(`${match[1]}T00:00:00Z`);
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== match[1]) return null;
  const time = new Date(match[2] === undefined ? `${text}T00:00:00Z` : text);
  return Number.isNaN(time.getTime()) ? null : time;
}
