/**
 * All tables, as CSV files.
 *
 * @module
 */
import { join } from "node:path";
import type { ReportData } from "../stats/report_data.ts";
import { replaceFile } from "./atomic_file.ts";
import { csvChunks } from "./csv.ts";
import { TABLES } from "./tables.ts";

/** Settings of {@link exportCsv}. */
export interface ExportOptions {
  /** Folder for the files; made if it is missing. */
  outDir: string;
  /** Which tables to write: keys of {@link TABLES}. @default every one */
  names?: readonly string[];
  /** Called with each path as soon as its file is there. */
  onFile?: (path: string) => void;
}

/**
 * Writes aggregates as CSV, each file replaced whole.
 *
 * @returns The paths written.
 * @throws {RangeError} If a name is not one of the tables.
 *
 * @example The days
 * ```ts
 * import { emptyReportData } from "../stats/empty_report_data.ts";
 * import { exportCsv } from "./export_csv.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const outDir = await Deno.makeTempDir();
 * await exportCsv(emptyReportData(), { outDir, names: ["part5_toots_per_day"] });
 * assertEquals(await Deno.readTextFile(`${outDir}/part5_toots_per_day.csv`), "day,n_toots\r\n");
 * ```
 */
export async function exportCsv(data: ReportData, options: ExportOptions): Promise<string[]> {
  const paths: string[] = [];
  for (const name of options.names ?? Object.keys(TABLES)) {
    const tableOf = Object.hasOwn(TABLES, name) ? TABLES[name] : undefined;
    if (tableOf === undefined) {
      const known = Object.keys(TABLES).join(", ");
      throw new RangeError(`Cannot export table "${name}": choose from ${known}`);
    }
    const { header, records } = tableOf(data);
    const path = join(options.outDir, `${name}.csv`);
    await replaceFile(path, csvChunks(header, records));
    paths.push(path);
    options.onFile?.(path);
  }
  return paths;
}
