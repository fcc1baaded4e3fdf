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
  const iso = (/^\d{4}-.*\d$/.test(text) ? text : withSignedYear(text)).replace(" ", "T");
  return new Date(/[+-]\d\d(:?\d\d)?$/.test(iso) ? iso.replace(/([+-]\d\d)$/, "$1:00") : `${iso}Z`);
}

/** ISO 8601 gives years outside 0 to 9999 six digits and a sign, and 1 BC is its year 0. */
function withSignedYear(text: string): string {
  return text.replace(/^(\d+)(-.*?)( BC)?$/, (_, digits: string, rest: string, bc?: string) => {
    const year = bc === undefined ? Number(digits) : 1 - Number(digits);
    return `${year < 0 ? "-" : "+"}${String(Math.abs(year)).padStart(6, "0")}${rest}`;
  });
}
