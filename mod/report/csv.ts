/**
 * CSV as RFC 4180 describes it: CRLF after each record, quotes where needed, UTF-8 without a mark.
 *
 * @module
 */

/** What a cell may hold. Null is an empty cell; a date is written in ISO 8601, UTC. */
export type CsvCell = string | number | null | Date;

const FLUSH_CHARS = 64 * 1024;

/**
 * Writes records as chunks of bytes, each of some tens of kilobytes, so that a table of any size
 * passes through little memory.
 *
 * A text that a spreadsheet would run as a formula (it starts with `=`, `+`, `-`, `@`, a tab or a
 * carriage return) gets an apostrophe in front, as OWASP's "CSV Injection" advises. Numbers are
 * written as they are.
 *
 * @param header Names of the columns.
 * @param records One array of cells per record, as long as the header.
 * @throws {RangeError} If a record is shorter or longer than the header, or a number is not finite.
 *
 * @example Quotes, and a formula that stays text
 * ```ts
 * import { csvChunks } from "./csv.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = await Array.fromAsync(csvChunks(["tag", "n"], [['a "b", c', 1], ["=1+1", -2]]));
 * const text = bytes.map((chunk) => new TextDecoder().decode(chunk)).join("");
 * assertEquals(text, 'tag,n\r\n"a ""b"", c",1\r\n\'=1+1,-2\r\n');
 * ```
 */
export async function* csvChunks(
  header: readonly string[],
  records: Iterable<readonly CsvCell[]> | AsyncIterable<readonly CsvCell[]>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  let text = `${header.map(cellText).join(",")}\r\n`;
  for await (const record of records) {
    if (record.length !== header.length) {
      throw new RangeError(
        `Cannot write CSV: a record has ${record.length} cells, the header ${header.length}`,
      );
    }
    text += `${record.map(cellText).join(",")}\r\n`;
    if (text.length < FLUSH_CHARS) continue;
    yield encoder.encode(text);
    text = "";
  }
  if (text !== "") yield encoder.encode(text);
}

function cellText(cell: CsvCell): string {
  if (cell === null) return "";
  if (typeof cell === "number") {
    if (!Number.isFinite(cell)) throw new RangeError(`Cannot write CSV: "${cell}" is not finite`);
    return String(cell);
  }
  if (cell instanceof Date) return cell.toISOString();
  const text = cell.toWellFormed();
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
