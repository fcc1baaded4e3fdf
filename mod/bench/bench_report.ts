/**
 * What benches tell: a table for people, JSON for comparisons.
 *
 * @module
 */

/** One figure. */
export interface Figure {
  readonly bench: string;
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

/** A whole run of the benches. */
export interface BenchRun {
  readonly at: string;
  readonly deno: string;
  readonly cpus: number;
  /** Load average of the last minute at the start: other work makes every figure worse. */
  readonly loadBefore: number;
  readonly dataSet: string;
  readonly figures: readonly Figure[];
}

/**
 * Renders figures as a table, one a line.
 *
 * @example
 * ```ts
 * import { renderFigures } from "./bench_report.ts";
 * const text = renderFigures([{ bench: "drain", name: "rate", value: 51234.5, unit: "toots/s" }]);
 * if (!text.includes("51,235 toots/s")) throw new Error(text);
 * ```
 */
export function renderFigures(figures: readonly Figure[]): string {
  const rows = figures.map(({ bench, name, value, unit }) => [
    bench,
    name,
    `${value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(2)} ${unit}`,
  ]);
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0), 0);
  const [first, second] = [width(0), width(1)];
  return rows
    .map(([bench = "", name = "", value = ""]) =>
      `${bench.padEnd(first)}  ${name.padEnd(second)}  ${value}`
    )
    .join("\n");
}

/**
 * Means of the five parts of a run that was sampled at a steady pace: whether something grows.
 *
 * @example
 * ```ts
 * import { meansOfFifths } from "./bench_report.ts";
 * const means = meansOfFifths([1, 3, 2, 2, 2, 2, 5, 5, 9, 9]);
 * if (means.join() !== "2,2,2,5,9") throw new Error(means.join());
 * ```
 */
export function meansOfFifths(samples: readonly number[]): number[] {
  const size = Math.ceil(samples.length / 5);
  return Array.from({ length: 5 }, (_, i) => samples.slice(i * size, (i + 1) * size))
    .filter((part) => part.length > 0)
    .map((part) => part.reduce((sum, value) => sum + value, 0) / part.length);
}
