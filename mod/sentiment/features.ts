/**
 * Hashed n-gram counts of a text: words and characters, straight from the tokenizer's buffers.
 *
 * Feature hashing: Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", ICML
 * 2009. Words and characters have halves of the buckets of their own.
 *
 * @module
 */
import { finish, mixBlock, mixTail } from "./murmur3.ts";
import { MAX_TEXT_UNITS, Tokenizer, type TokenizerOptions } from "./tokenizer.ts";
import type { FeatureName, Vectorizer } from "./vectorizer.ts";

/** What is counted. Kept in the model's metadata, so that scoring does as training did. */
export interface FeatureOptions extends TokenizerOptions {
  /** Buckets: 2 to this power, 10–24; the lower half for words, the upper one for characters. */
  readonly bits: number;
  /** Longest word n-gram, 1–3. */
  readonly wordMax: number;
  /** Character n-grams of length `charMin` to `charMax`, 2–6; `charMax` 0 for none. */
  readonly charMin: number;
  readonly charMax: number;
  /** Character n-grams may reach over the space between tokens. */
  readonly charAcross: boolean;
}

/** Highest count of one n-gram that is told apart. */
export const MAX_COUNT = 255;

const MAX_FEATURES = MAX_TEXT_UNITS * 2 * 5 + MAX_TEXT_UNITS * 3;
const [SEED_BIGRAM, SEED_TRIGRAM, SEED_CHAR] = [0x2545f491, 0x5bd1e995, 0x1b56c4e9];
const NEGATED = 0x3c6ef372;

/**
 * Counts the n-grams of one text after another into the same buffers: bucket `buckets[i]` occurs
 * `counts[i]` times, i < `size`; the first `words` of them are word n-grams.
 *
 * @example
 * ```ts
 * import { Featurizer } from "./features.ts";
 * const featurizer = new Featurizer({
 *   hashtags: "split", elongation: 2, negationScope: 3, maskDigits: true,
 *   bits: 18, wordMax: 2, charMin: 2, charMax: 0, charAcross: false,
 * });
 * featurizer.read("good good day");
 * if (featurizer.size !== 4) throw new Error(); // good, day, good good, good day
 * ```
 */
export class Featurizer implements Vectorizer {
  readonly tokenizer: Tokenizer;
  readonly buckets: Uint32Array = new Uint32Array(MAX_FEATURES);
  readonly counts: Uint8Array = new Uint8Array(MAX_FEATURES);
  /** Number of different buckets of the last text. */
  size = 0;
  /** How many of them are words: they come first. */
  words = 0;
  readonly bits: number;
  /** Where each feature first occurs: tokens for words, code units for characters. */
  readonly #from: Uint16Array = new Uint16Array(MAX_FEATURES);
  readonly #to: Uint16Array = new Uint16Array(MAX_FEATURES);
  readonly #options: FeatureOptions;
  readonly #shift: number;
  readonly #half: number;
  /** Open addressing: bucket + 1 and its place in `buckets`; emptied for each text. */
  readonly #keys: Uint32Array;
  readonly #places: Uint32Array;
  #tableMask = 0;

  constructor(options: FeatureOptions) {
    this.#options = options;
    this.bits = options.bits;
    this.tokenizer = new Tokenizer(options);
    this.#shift = 33 - options.bits;
    this.#half = 2 ** (options.bits - 1);
    const capacity = 2 ** (Math.ceil(Math.log2(MAX_FEATURES)) + 1);
    this.#keys = new Uint32Array(capacity);
    this.#places = new Uint32Array(capacity);
  }

  /** Counts the n-grams of `text`; the buffers hold them until the next call. */
  read(text: string): void {
    const tokenizer = this.tokenizer;
    tokenizer.read(text);
    const most = tokenizer.count * this.#options.wordMax +
      tokenizer.length * Math.max(0, this.#options.charMax - this.#options.charMin + 1);
    const slots = 2 ** Math.max(8, Math.ceil(Math.log2(most * 2 + 1)));
    this.#tableMask = slots - 1;
    this.#keys.fill(0, 0, slots);
    this.size = 0;
    this.#readWords();
    this.words = this.size;
    if (this.#options.charMax > 0) this.#readChars();
  }

  tokens(): string[] {
    return this.tokenizer.words();
  }

  describe(index: number): FeatureName {
    const { starts, ends, negated, count } = this.tokenizer;
    const from = this.#from[index] ?? 0;
    const to = this.#to[index] ?? 0;
    if (index < this.words) {
      const words = Array.from({ length: to - from }, (_, i) => {
        const mark = negated[from + i] === 1 ? "¬" : "";
        return mark + this.tokenizer.text(from + i, from + i + 1);
      });
      return { kind: "word", text: words.join(" "), tokens: [from, to] };
    }
    let first = 0;
    while (first < count - 1 && (ends[first] ?? 0) <= from) first++;
    let last = first + 1;
    while (last < count && (starts[last] ?? 0) < to) last++;
    return { kind: "char", text: this.tokenizer.unitText(from, to), tokens: [first, last] };
  }

  #readWords(): void {
    const { hashes, negated, count } = this.tokenizer;
    const { wordMax } = this.#options;
    let before = 0;
    let beforeThat = 0;
    for (let i = 0; i < count; i++) {
      const plain = hashes[i] ?? 0;
      // A negated word is another word: NOT_good.
      const hash = negated[i] === 1 ? finish(mixBlock(NEGATED, plain), 4) : plain;
      this.#add(hash, 0, i, i + 1);
      if (wordMax > 1 && i > 0) {
        const pair = mixBlock(mixBlock(SEED_BIGRAM, before), hash);
        this.#add(finish(pair, 8), 0, i - 1, i + 1);
        if (wordMax > 2 && i > 1) {
          const three = mixBlock(mixBlock(mixBlock(SEED_TRIGRAM, beforeThat), before), hash);
          this.#add(finish(three, 12), 0, i - 2, i + 1);
        }
      }
      beforeThat = before;
      before = hash;
    }
  }

  #readChars(): void {
    const { charAcross } = this.#options;
    const { starts, ends, count, length } = this.tokenizer;
    if (charAcross) {
      this.#readSpan(0, length);
      return;
    }
    for (let i = 0; i < count; i++) {
      // Each token with the space on either side.
      this.#readSpan((starts[i] ?? 1) - 1, (ends[i] ?? 0) + 1);
    }
  }

  #readSpan(from: number, to: number): void {
    const { units } = this.tokenizer;
    const { charMin: min, charMax: max } = this.#options;
    const half = this.#half;
    for (let i = from; i + min <= to; i++) {
      const room = to - i;
      const u2 = units[i + 2] ?? 0;
      const h2 = mixBlock(SEED_CHAR, (units[i] ?? 0) | ((units[i + 1] ?? 0) << 16));
      if (min <= 2) this.#add(finish(h2, 4), half, i, i + 2);
      if (max >= 3 && min <= 3 && room >= 3) this.#add(finish(mixTail(h2, u2), 6), half, i, i + 3);
      if (max < 4 || room < 4) continue;
      const h4 = mixBlock(h2, u2 | ((units[i + 3] ?? 0) << 16));
      if (min <= 4) this.#add(finish(h4, 8), half, i, i + 4);
      if (max < 5 || room < 5) continue;
      const u4 = units[i + 4] ?? 0;
      if (min <= 5) this.#add(finish(mixTail(h4, u4), 10), half, i, i + 5);
      if (max < 6 || room < 6) continue;
      const h6 = mixBlock(h4, u4 | ((units[i + 5] ?? 0) << 16));
      this.#add(finish(h6, 12), half, i, i + 6);
    }
  }

  #add(hash: number, base: number, from: number, to: number): void {
    const bucket = (hash >>> this.#shift) + base;
    const keys = this.#keys;
    const mask = this.#tableMask;
    let slot = Math.imul(bucket, 0x9e3779b1) >>> 8 & mask;
    for (;;) {
      const key = keys[slot] ?? 0;
      if (key === 0) {
        keys[slot] = bucket + 1;
        this.#places[slot] = this.size;
        this.#from[this.size] = from;
        this.#to[this.size] = to;
        this.buckets[this.size] = bucket;
        this.counts[this.size++] = 1;
        return;
      }
      if (key === bucket + 1) {
        const place = this.#places[slot] ?? 0;
        const seen = this.counts[place] ?? 0;
        if (seen < MAX_COUNT) this.counts[place] = seen + 1;
        return;
      }
      slot = slot + 1 & mask;
    }
  }
}
