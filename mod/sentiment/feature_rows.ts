/**
 * The rows of a training set as sparse features, kept in memory as far as a budget allows and
 * counted afresh whenever they are asked for beyond it.
 *
 * @module
 */
import type { Texts } from "./text_store.ts";
import { inverseLength, tfTable, type Vectorizer, type Weighting } from "./vectorizer.ts";

/** Bits of an entry that hold the bucket; the rest hold the count. */
const BUCKET_BITS = 24;
const BUCKET_MASK = 2 ** BUCKET_BITS - 1;
/** Entries per block of memory: 64 MiB each. */
const BLOCK = 2 ** 24;

/** Texts and how to see them. */
export interface FeatureRowsOptions {
  readonly vectorizer: Vectorizer;
  readonly weighting: Weighting;
  /** Entries (4 bytes each) kept in memory. @default 200,000,000 */
  readonly budget?: number;
}

/**
 * Random access to the features of texts. After {@link FeatureRows.open} the row's buckets and
 * values (before feature scaling) lie in `buckets` and `values`, up to the returned size.
 *
 * @example
 * ```ts
 * import { FeatureRows } from "./feature_rows.ts";
 * import { BEST } from "./presets.ts";
 * import { Featurizer } from "./features.ts";
 * const rows = new FeatureRows(["good", "bad day"], {
 *   vectorizer: new Featurizer(BEST.features), weighting: BEST.weighting,
 * });
 * if (rows.length !== 2 || rows.open(0) === 0) throw new Error();
 * ```
 */
export class FeatureRows {
  readonly buckets: Uint32Array;
  readonly values: Float32Array;
  readonly #texts: Texts;
  readonly #vectorizer: Vectorizer;
  readonly #weighting: Weighting;
  readonly #tf: Float64Array;
  readonly #budget: number;
  readonly #blocks: Uint32Array[] = [];
  /** Where each row begins: block × BLOCK + place; the size and words of it. */
  readonly #starts: Float64Array;
  readonly #sizes: Uint32Array;
  readonly #words: Uint32Array;
  /** Rows counted so far, and of them those kept. */
  #read = 0;
  #kept = 0;
  #end = 0;

  constructor(texts: Texts, options: FeatureRowsOptions) {
    this.#texts = texts;
    this.#vectorizer = options.vectorizer;
    this.#weighting = options.weighting;
    this.#tf = tfTable(options.weighting);
    this.#budget = options.budget ?? 200_000_000;
    this.buckets = new Uint32Array(options.vectorizer.buckets.length);
    this.values = new Float32Array(options.vectorizer.buckets.length);
    this.#starts = new Float64Array(texts.length);
    this.#sizes = new Uint32Array(texts.length);
    this.#words = new Uint32Array(texts.length);
  }

  /** Number of rows. */
  get length(): number {
    return this.#texts.length;
  }

  /** Number of buckets. */
  get width(): number {
    return 2 ** this.#vectorizer.bits;
  }

  /**
   * Counts row `row`, keeps it while the budget lasts, and returns its buckets (a view that the
   * next call overwrites). Rows must be counted in order, each once, before any is opened.
   */
  count(row: number): Uint32Array {
    if (row !== this.#read) throw new RangeError(`Cannot count row ${row}: next is ${this.#read}`);
    this.#read++;
    const vectorizer = this.#vectorizer;
    vectorizer.read(this.#texts.at(row) ?? "");
    if (this.#kept === row && this.#end + vectorizer.size <= this.#budget) {
      this.#keep(row);
    }
    return vectorizer.buckets.subarray(0, vectorizer.size);
  }

  /** Puts row `row` into `buckets` and `values`; the number of them. */
  open(row: number): number {
    if (row < this.#kept) return this.#openKept(row);
    const { buckets, counts, size, words } = this.#readAgain(row);
    const wordScale = this.#scale(counts, 0, words);
    const charScale = this.#scale(counts, words, size) * this.#weighting.charWeight;
    const tf = this.#tf;
    for (let i = 0; i < size; i++) {
      this.buckets[i] = buckets[i] ?? 0;
      this.values[i] = (tf[counts[i] ?? 0] ?? 0) * (i < words ? wordScale : charScale);
    }
    return size;
  }

  #readAgain(row: number): Vectorizer {
    this.#vectorizer.read(this.#texts.at(row) ?? "");
    return this.#vectorizer;
  }

  #scale(counts: Uint8Array, from: number, to: number): number {
    return this.#weighting.normalize ? inverseLength(counts, { from, to, tf: this.#tf }) : 1;
  }

  #keep(row: number): void {
    const { buckets, counts, size, words } = this.#vectorizer;
    // A row never spans two blocks.
    if (this.#end % BLOCK + size > BLOCK) this.#end = Math.ceil(this.#end / BLOCK) * BLOCK;
    const index = Math.floor(this.#end / BLOCK);
    const block = this.#blocks[index] ??= new Uint32Array(BLOCK);
    const start = this.#end % BLOCK;
    for (let i = 0; i < size; i++) {
      block[start + i] = (buckets[i] ?? 0) | (counts[i] ?? 0) << BUCKET_BITS;
    }
    this.#starts[row] = this.#end;
    this.#sizes[row] = size;
    this.#words[row] = words;
    this.#end += size;
    this.#kept = row + 1;
  }

  #openKept(row: number): number {
    const start = this.#starts[row] ?? 0;
    const size = this.#sizes[row] ?? 0;
    const words = this.#words[row] ?? 0;
    const block = this.#blocks[Math.floor(start / BLOCK)] ?? new Uint32Array(0);
    const { buckets, values } = this;
    const tf = this.#tf;
    const from = start % BLOCK;
    let [wordSum, charSum] = [0, 0];
    for (let i = 0; i < size; i++) {
      const value = tf[(block[from + i] ?? 0) >>> BUCKET_BITS] ?? 0;
      if (i < words) wordSum += value * value;
      else charSum += value * value;
    }
    const { normalize, charWeight } = this.#weighting;
    const wordScale = normalize && wordSum > 0 ? 1 / Math.sqrt(wordSum) : 1;
    const charScale = (normalize && charSum > 0 ? 1 / Math.sqrt(charSum) : 1) * charWeight;
    for (let i = 0; i < size; i++) {
      const entry = block[from + i] ?? 0;
      buckets[i] = entry & BUCKET_MASK;
      values[i] = (tf[entry >>> BUCKET_BITS] ?? 0) * (i < words ? wordScale : charScale);
    }
    return size;
  }
}
