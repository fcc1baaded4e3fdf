/**
 * The report for charts and exports, computed first where nobody has yet.
 *
 * @module
 */
import type { Database } from "../db/database.ts";
import { type ReadOptions, readReportData } from "./read_report_data.ts";
import type { ReportData } from "./report_data.ts";
import { type BatchOptions, runBatch } from "./run_batch.ts";

/**
 * Reads the results of the newest batch run; runs the batch first if it never ran, or if a range of
 * its own is asked for.
 *
 * @throws What {@linkcode runBatch} and {@linkcode readReportData} throw.
 *
 * @example The first call computes
 * ```ts
 * import { openEmbedded } from "../db/embedded.ts";
 * import { migrate, readMigrations } from "../db/migrations.ts";
 * import { ensureReport } from "./ensure_report.ts";
 * import { assert } from "@std/assert";
 *
 * await using db = await openEmbedded(null);
 * await migrate(db, await readMigrations());
 * assert((await ensureReport(db, {})).computedAt instanceof Date);
 * ```
 */
export async function ensureReport(
  db: Database,
  options: BatchOptions & ReadOptions,
): Promise<ReportData> {
  const isAsked = options.from !== undefined || options.to !== undefined;
  if (!isAsked) {
    const report = await readReportData(db, options);
    if (report.computedAt !== null) return report;
  }
  await runBatch(db, options);
  return await readReportData(db, options);
}
