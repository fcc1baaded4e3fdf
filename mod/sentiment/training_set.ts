/**
 * The rows of a training run, as columns, without duplicates.
 *
 * @module
 */
import type { LabelledRow } from "./labelled_rows.ts";

/** Columns of labelled rows; all of one length. */
export interface Columns {
  readonly texts: string[];
  /** 1 positive, 0 negative, 0.5 neutral. */
  readonly targets: number[];
  /** Weight of each row. */
  readonly weights: number[];
  readonly ids: string[];
  readonly users: string[];
  /** Milliseconds since 1970, or NaN. */
  readonly times: number[];
}

/**
 * Collects rows from any number of files; the second row of a text is dropped, whatever its label,
 * so that no text can lie on both sides of a split.
 *
 * @example
 * ```ts
 * import { TrainingSet } from "./training_set.ts";
 * const set = new TrainingSet();
 * const row = { text: "good", target: 1, id: "", user: "", date: "" };
 * set.add(row);
 * set.add({ ...row, text: " good " });
 * if (set.columns.texts.length !== 1 || set.duplicates !== 1) throw new Error();
 * ```
 */
export class TrainingSet {
  readonly columns: Columns = {
    texts: [],
    targets: [],
    weights: [],
    ids: [],
    users: [],
    times: [],
  };
  duplicates = 0;
  /** Rows that a test set holds: never taken. */
  excluded = 0;
  readonly #seen = new Set<string>();
  readonly #excluded = new Set<string>();

  /** Texts never to take: those of a test set. */
  exclude(text: string): void {
    this.#excluded.add(text.trim());
  }

  /** Takes a row unless its text was here before. */
  add(row: LabelledRow, weight = 1): void {
    const key = row.text.trim();
    if (this.#excluded.has(key)) {
      this.excluded++;
      return;
    }
    if (this.#seen.has(key)) {
      this.duplicates++;
      return;
    }
    this.#seen.add(key);
    const { texts, targets, weights, ids, users, times } = this.columns;
    texts.push(row.text);
    targets.push(row.target);
    weights.push(weight);
    ids.push(row.id);
    users.push(row.user);
    times.push(row.date === "" ? NaN : timeOf(row.date));
  }
}

/**
 * Rows `rows` of `columns`.
 *
 * @example
 * ```ts
 * import { pick, TrainingSet } from "./training_set.ts";
 * const set = new TrainingSet();
 * for (const text of ["a", "b"]) set.add({ text, target: 1, id: "", user: "", date: "" });
 * if (pick(set.columns, [1]).texts.join() !== "b") throw new Error();
 * ```
 */
export function pick(columns: Columns, rows: ArrayLike<number>): Columns {
  const of = <T>(column: readonly T[]): T[] => {
    const picked: T[] = [];
    for (let i = 0; i < rows.length; i++) {
      const value = column[rows[i] ?? -1];
      if (value !== undefined) picked.push(value);
    }
    return picked;
  };
  return {
    texts: of(columns.texts),
    targets: of(columns.targets),
    weights: of(columns.weights),
    ids: of(columns.ids),
    users: of(columns.users),
    times: of(columns.times),
  };
}

/** Sentiment140 writes "Mon Apr 06 22:19:45 PDT 2009"; Date.parse knows PDT, not every zone. */
function timeOf(date: string): number {
  return Date.parse(date);
}
