/**
 * Which rows a model is measured on: none of them is trained on.
 *
 * @module
 */
import { ModelError } from "./errors.ts";
import { murmur3String } from "./murmur3.ts";
import { seededRandom, shuffle } from "./prng.ts";
import type { Columns } from "./training_set.ts";

/** Row numbers of both sides, each in ascending order. */
export interface Split {
  readonly train: Uint32Array;
  readonly test: Uint32Array;
}

/** How to split. */
export type SplitKind = "random" | "user" | "time";

/** The hash of ids that chooses the fixed fifth is seeded with the year of the data. */
const FIFTH_SEED = 2009;

/**
 * Whether an id belongs to the fixed fifth that validation uses:
 * murmur3(id as UTF-16LE, seed 2009) mod 5 = 0.
 *
 * @example
 * ```ts
 * import { inValidationFifth } from "./split.ts";
 * const share = Array.from({ length: 5000 }, (_, i) => `${i}`).filter(inValidationFifth).length;
 * if (Math.abs(share - 1000) > 100) throw new Error();
 * ```
 */
export function inValidationFifth(id: string): boolean {
  return murmur3String(id, FIFTH_SEED) % 5 === 0;
}

/**
 * Splits off the rows whose id is in `ids` and in the validation fifth. Neutral rows are never
 * tested on: the measures are of two classes.
 *
 * @example
 * ```ts
 * import { inValidationFifth, splitByIds } from "./split.ts";
 * import { TrainingSet } from "./training_set.ts";
 * const set = new TrainingSet();
 * for (let i = 0; i < 50; i++) {
 *   set.add({ text: `${i}`, target: 1, id: `${i}`, user: "", date: "" });
 * }
 * const { test } = splitByIds(set.columns, new Set(["1", "2", "3", "4", "5", "6", "7", "8", "9"]));
 * if (![...test].every((row) => inValidationFifth(`${row}`))) throw new Error();
 * ```
 */
export function splitByIds(columns: Columns, ids: ReadonlySet<string>): Split {
  return splitWhere(columns, (row) => {
    const id = columns.ids.at(row) ?? "";
    return ids.has(id) && inValidationFifth(id);
  });
}

/**
 * Splits off about `share` of the rows: at random, by author (all rows of one on the same side;
 * rows without author are trained on), or by time (the newest are tested on; rows without time
 * are trained on).
 *
 * @throws {ModelError} if the rows have no authors or times to split by.
 *
 * @example
 * ```ts
 * import { splitRows } from "./split.ts";
 * import { TrainingSet } from "./training_set.ts";
 * const set = new TrainingSet();
 * for (let i = 0; i < 50; i++) set.add({ text: `${i}`, target: 1, id: "", user: "", date: "" });
 * if (splitRows(set.columns, { kind: "random", share: 0.2, seed: 1 }).test.length !== 10) {
 *   throw new Error();
 * }
 * ```
 */
export function splitRows(
  columns: Columns,
  options: { readonly kind: SplitKind; readonly share: number; readonly seed: number },
): Split {
  const { kind, share, seed } = options;
  const n = columns.texts.length;
  if (kind === "random") {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    shuffle(order, seededRandom(seed));
    const chosen = new Set(order.subarray(0, Math.round(n * share)));
    return splitWhere(columns, (row) => chosen.has(row));
  }
  if (kind === "user") {
    if (columns.users.every((user) => user === 0)) throw missing(kind);
    return splitWhere(columns, (row) => {
      const user = columns.users[row] ?? 0;
      return user !== 0 && murmur3String(`${user}`, seed) / 2 ** 32 < share;
    });
  }
  const times = columns.times.filter((time) => !Number.isNaN(time)).sort((a, b) => a - b);
  if (times.length === 0) throw missing(kind);
  const border = times[Math.floor(times.length * (1 - share))] ?? Infinity;
  return splitWhere(columns, (row) => (columns.times[row] ?? NaN) >= border);
}

function missing(kind: SplitKind): ModelError {
  return new ModelError(
    `Cannot split by ${kind}: no row has a ${kind}; use --split random`,
  );
}

function splitWhere(columns: Columns, isTest: (row: number) => boolean): Split {
  const train: number[] = [];
  const test: number[] = [];
  for (let row = 0; row < columns.texts.length; row++) {
    if (!isTest(row)) train.push(row);
    else if (columns.targets[row] !== 0.5) test.push(row);
  }
  return { train: Uint32Array.from(train), test: Uint32Array.from(test) };
}
