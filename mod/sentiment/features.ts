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
  /** The bucket of every n-gram as it stands in the text, words first, repeats included. */
  readonly #list: Uint32Array = new Uint32Array(MAX_FEATURES);
  /** Count of every bucket; zero between texts. */
  readonly #tally: Uint8Array;
  readonly #options: FeatureOptions;
  readonly #shift: number;
  readonly #half: number;

  constructor(options: FeatureOptions) {
    this.#options = options;
    this.bits = options.bits;
    this.tokenizer = new Tokenizer(options);
    this.#shift = 33 - options.bits;
    this.#half = 2 ** (options.bits - 1);
    this.#tally = new Uint8Array(2 ** options.bits);
  }

  /** Counts the n-grams of `text`; the buffers hold them until the next call. */
  read(text: string): void {
    this.tokenizer.read(text);
    // First all buckets, then their counts: two small loops without branches that depend on the text.
    const words = this.#listWords();
    const all = this.#options.charMax > 0 ? this.#listChars(words) : words;
    this.words = this.#count(0, { from: 0, to: words });
    this.size = this.#count(this.words, { from: words, to: all });
  }

  tokens(): string[] {
    return this.tokenizer.words();
  }

  describe(index: number): FeatureName {
    const { starts, ends, negated, count } = this.tokenizer;
    const { from, to } = this.#placeOf(this.#list.indexOf(this.buckets[index] ?? 0));
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

  /** Lists the buckets of words; gives the list's length. */
  #listWords(): number {
    const { hashes, negated, count } = this.tokenizer;
    const { wordMax } = this.#options;
    const [list, shift] = [this.#list, this.#shift];
    let size = 0;
    let before = 0;
    let beforeThat = 0;
    for (let i = 0; i < count; i++) {
      const plain = hashes[i] ?? 0;
      // A negated word is another word: NOT_good.
      const hash = negated[i] === 1 ? finish(mixBlock(NEGATED, plain), 4) : plain;
      list[size++] = hash >>> shift;
      if (wordMax > 1 && i > 0) {
        const pair = mixBlock(mixBlock(SEED_BIGRAM, before), hash);
        list[size++] = finish(pair, 8) >>> shift;
        if (wordMax > 2 && i > 1) {
          const three = mixBlock(mixBlock(mixBlock(SEED_TRIGRAM, beforeThat), before), hash);
          list[size++] = finish(three, 12) >>> shift;
        }
      }
      beforeThat = before;
      before = hash;
    }
    return size;
  }

  /** Lists the buckets of characters behind the `size` of words; gives the list's length. */
  #listChars(size: number): number {
    for (const span of this.#spans()) size = this.#listSpan(size, span);
    return size;
  }

  /** The code units within which character n-grams lie. */
  #spans(): Span[] {
    const { starts, ends, count, length } = this.tokenizer;
    if (this.#options.charAcross) return [{ from: 0, to: length }];
    // Each token with the space on either side.
    return Array.from(
      { length: count },
      (_, i) => ({ from: (starts[i] ?? 1) - 1, to: (ends[i] ?? 0) + 1 }),
    );
  }

  #listSpan(start: number, { from, to }: Span): number {
    const { units } = this.tokenizer;
    const { charMin: min, charMax: max } = this.#options;
    const [list, shift, half] = [this.#list, this.#shift, this.#half];
    let size = start;
    for (let i = from; i + min <= to; i++) {
      const room = to - i;
      const u2 = units[i + 2] ?? 0;
      const h2 = mixBlock(SEED_CHAR, (units[i] ?? 0) | ((units[i + 1] ?? 0) << 16));
      if (min <= 2) list[size++] = (finish(h2, 4) >>> shift) + half;
      if (max >= 3 && min <= 3 && room >= 3) {
        list[size++] = (finish(mixTail(h2, u2), 6) >>> shift) + half;
      }
      if (max < 4 || room < 4) continue;
      const h4 = mixBlock(h2, u2 | ((units[i + 3] ?? 0) << 16));
      if (min <= 4) list[size++] = (finish(h4, 8) >>> shift) + half;
      if (max < 5 || room < 5) continue;
      const u4 = units[i + 4] ?? 0;
      if (min <= 5) list[size++] = (finish(mixTail(h4, u4), 10) >>> shift) + half;
      if (max < 6 || room < 6) continue;
      const h6 = mixBlock(h4, u4 | ((units[i + 5] ?? 0) << 16));
      list[size++] = (finish(h6, 12) >>> shift) + half;
    }
    return size;
  }

  /** Counts a part of the list into the buffers from `start` on; gives where the buffers end. */
  #count(start: number, { from, to }: Span): number {
    const { buckets, counts } = this;
    const [list, tally] = [this.#list, this.#tally];
    let size = start;
    for (let i = from; i < to; i++) {
      const bucket = list[i] ?? 0;
      const seen = tally[bucket] ?? 0;
      // Written each time and kept the first: a guess whether it is new would be wrong too often.
      buckets[size] = bucket;
      size += seen === 0 ? 1 : 0;
      tally[bucket] = Math.min(seen + 1, MAX_COUNT);
    }
    for (let i = start; i < size; i++) {
      const bucket = buckets[i] ?? 0;
      counts[i] = tally[bucket] ?? 0;
      tally[bucket] = 0;
    }
    return size;
  }

  /** Which tokens, or code units, the n-gram at a place of the list covers. */
  #placeOf(at: number): Span {
    const { wordMax, charMin, charMax } = this.#options;
    let place = 0;
    for (let i = 0; i < this.tokenizer.count; i++) {
      for (let length = 1; length <= Math.min(wordMax, i + 1); length++) {
        if (place++ === at) return { from: i + 1 - length, to: i + 1 };
      }
    }
    for (const { from, to } of this.#spans()) {
      for (let i = from; i + charMin <= to; i++) {
        for (let length = charMin; length <= Math.min(charMax, to - i); length++) {
          if (place++ === at) return { from: i, to: i + length };
        }
      }
    }
    throw new RangeError(`Cannot find n-gram ${at} in the text`);
  }
}

/** From one token, or code unit, to before another. */
interface Span {
  readonly from: number;
  readonly to: number;
}
