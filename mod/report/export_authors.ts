/**
 * The one export that is no aggregate: active authors by pseudonym, for the owner of the data.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import type { Sql } from "../db/database.ts";
import { loadQuery } from "../stats/queries.ts";
import { replaceFile } from "./atomic_file.ts";
import { csvChunks } from "./csv.ts";

const author = z.object({
  account_id: z.string(),
  n_toots: z.number(),
  share_of_toots: z.number(),
});

/**
 * Writes `active_authors.csv`: each active author of the newest batch run under the pseudonym that
 * the database holds. It shows what single people did, so it is written only when asked for.
 *
 * @returns The path written.
 *
 * @example No author, a header only
 * ```ts
 * import { exportAuthors } from "./export_authors.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const nobody = { query: () => Promise.resolve([]) };
 * const path = await exportAuthors(nobody, { outDir: await Deno.makeTempDir() });
 * assertEquals(await Deno.readTextFile(path), "account_id,n_toots,share_of_toots\r\n");
 * ```
 */
export async function exportAuthors(
  db: Pick<Sql, "query">,
  options: { outDir: string },
): Promise<string> {
  const rows = z.array(author).parse(await db.query(await loadQuery("report_active_authors")));
  const path = join(options.outDir, "active_authors.csv");
  const records = rows.map((row) => [row.account_id, row.n_toots, row.share_of_toots]);
  await replaceFile(path, csvChunks(Object.keys(author.shape), records));
  return path;
}
