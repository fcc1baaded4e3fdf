/**
 * How both adapters turn PostgreSQL's text into JavaScript values.
 *
 * @module
 */

/**
 * A `timestamptz` or `timestamp` (taken as UTC: every session runs in UTC) as Date, `infinity` and
 * `-infinity` as invalid dates would be lost in JSON, so they become the ends of Date's range.
 *
 * @example
 * ```ts
 * import { parseTimestamp } from "./value_parsers.ts";
 * if (parseTimestamp("2026-01-05 10:00:00.5+00").toISOString() !== "2026-01-05T10:00:00.500Z") {
 *   throw new Error();
 * }
 * ```
 */
export function parseTimestamp(text: string): Date {
  if (text === "infinity") return new Date(8.64e15);
  if (text === "-infinity") return new Date(-8.64e15);
  const iso = text.replace(" ", "T");
  return new Date(/[+-]\d\d(:?\d\d)?$/.test(iso) ? iso.replace(/([+-]\d\d)$/, "$1:00") : `${iso}Z`);
}
