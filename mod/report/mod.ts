/**
 * Charts, CSV files and their rendering.
 *
 * @module
 */
export { replaceFile } from "./atomic_file.ts";
export { type CsvCell, csvChunks } from "./csv.ts";
export { CHARTS, drawCharts, type DrawOptions } from "./draw_charts.ts";
export { exportAuthors } from "./export_authors.ts";
export { exportCsv, type ExportOptions } from "./export_csv.ts";
export { renderPng } from "./render.ts";
export { type Table, TABLES } from "./tables.ts";
export { loadTheme, type Theme } from "./theme.ts";
