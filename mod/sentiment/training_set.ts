/**
 * The rows of a training run, as columns, without duplicates.
 *
 * @module
 */
import type { LabelledRow } from "./labelled_rows.ts";
import { murmur3String } from "./murmur3.ts";
import { SeenTexts } from "./seen_texts.ts";
import { pickTexts, type Texts, TextStore } from "./text_store.ts";

/** Columns of labelled rows; all of one length. */
export interface Columns {
  readonly texts: Texts;
  /** 1 positive, 0 negative, 0.5 neutral. */
  readonly targets: readonly number[];
  /** Weight of each row. */
  readonly weights: readonly number[];
  /** Empty where a row has none. */
  readonly ids: Texts;
  /** Hashed authors; 0 where a row has none. */
  readonly users: readonly number[];
  /** Milliseconds since 1970, or NaN. */
  readonly times: readonly number[];
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
  duplicates = 0;
  /** Rows that a test set holds: never taken. */
  excluded = 0;
  readonly #texts = new TextStore();
  readonly #ids = new TextStore();
  readonly #targets: number[] = [];
  readonly #weights: number[] = [];
  readonly #users: number[] = [];
  readonly #times: number[] = [];
  readonly #seen = new SeenTexts();
  readonly #excluded = new SeenTexts();

  /** What was collected so far. */
  get columns(): Columns {
    return {
      texts: this.#texts,
      targets: this.#targets,
      weights: this.#weights,
      ids: this.#ids,
      users: this.#users,
      times: this.#times,
    };
  }

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
    if (!this.#seen.add(key)) {
      this.duplicates++;
      return;
    }
    this.#texts.push(row.text);
    this.#ids.push(row.id);
    this.#targets.push(row.target);
    this.#weights.push(weight);
    this.#users.push(row.user === "" ? 0 : murmur3String(row.user, USER_SEED) || 1);
    // Date.parse reads what Sentiment140 writes: "Mon Apr 06 22:19:45 PDT 2009".
    this.#times.push(row.date === "" ? NaN : Date.parse(row.date));
  }
}

const USER_SEED = 140;

/**
 * Rows `rows` of `columns`.
 *
 * @example
 * ```ts
 * import { pick, TrainingSet } from "./training_set.ts";
 * const set = new TrainingSet();
 * for (const text of ["a", "b"]) set.add({ text, target: 1, id: "", user: "", date: "" });
 * if (pick(set.columns, Uint32Array.of(1)).texts.at(0) !== "b") throw new Error();
 * ```
 */
export function pick(columns: Columns, rows: Uint32Array): Columns {
  const of = (column: readonly number[]): number[] => Array.from(rows, (row) => column[row] ?? 0);
  return {
    texts: pickTexts(columns.texts, rows),
    targets: of(columns.targets),
    weights: of(columns.weights),
    ids: pickTexts(columns.ids, rows),
    users: of(columns.users),
    times: of(columns.times),
  };
}
