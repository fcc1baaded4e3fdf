/**
 * The named SQL files of `sql/queries/`.
 *
 * @module
 */

/** Where the named queries are. */
export const QUERIES_FOLDER: URL = new URL("../../sql/queries/", import.meta.url);

const texts = new Map<string, Promise<string>>();

/**
 * Reads a named query, once per process. Values go in as parameters only.
 *
 * @param name Name of the file without `.sql`.
 * @throws {RangeError} If the name is more than a name.
 * @throws {Deno.errors.NotFound} If there is no such query.
 *
 * @example The text of a query
 * ```ts
 * import { loadQuery } from "./queries.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * assertStringIncludes(await loadQuery("report_lengths"), "masto.batch_lengths");
 * ```
 */
export function loadQuery(name: string): Promise<string> {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) {
    throw new RangeError(
      `Cannot load query "${name}": use a file name of sql/queries without .sql`,
    );
  }
  let text = texts.get(name);
  if (text === undefined) {
    text = Deno.readTextFile(new URL(`${name}.sql`, QUERIES_FOLDER));
    texts.set(name, text);
  }
  return text;
}
