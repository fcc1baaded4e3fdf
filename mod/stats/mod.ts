/**
 * Batch analysis: from the tables of toots to the results that charts and exports show.
 *
 * @module
 */
export { emptyReportData } from "./empty_report_data.ts";
export { ensureReport } from "./ensure_report.ts";
export { parseTime } from "./parse_time.ts";
export { type ReadOptions, readReportData } from "./read_report_data.ts";
export type * from "./report_data.ts";
export { type BatchOptions, type BatchResult, runBatch } from "./run_batch.ts";
export { renderSummary } from "./summary.ts";
