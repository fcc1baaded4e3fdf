/**
 * Text → tokens in one pass over code units, into buffers that are used again: no string is made
 * per token, which is what lets one core score tens of thousands of posts a second.
 *
 * @module
 */
import { CHAR_CLASS, IGNORED, PUNCT, SPACE, SYMBOL, WORD } from "./char_class.ts";
import { decodeEntities } from "./entities.ts";
import { murmur3String, murmur3Units } from "./murmur3.ts";

/** What the tokenizer does with the parts that validation may judge either way. */
export interface TokenizerOptions {
  /**
   * `split`: `#fail` becomes the word `fail`; `mask`: one token for all hashtags; `keep`: the word
   * with its `#`.
   */
  readonly hashtags: "split" | "mask" | "keep";
  /** Longest run of one letter; longer ones are cut to it. 0 leaves them. */
  readonly elongation: number;
  /** Words after a negation that carry its mark, until punctuation ends it; 0 for none. */
  readonly negationScope: number;
  /** Every digit becomes `0`. */
  readonly maskDigits: boolean;
}

/** Longest text looked at, in UTF-16 code units; what follows is not read. */
export const MAX_TEXT_UNITS = 8192;

const SEED_WORD = 0x9747b28c;
const NEGATIONS: ReadonlySet<number> = new Set(
  ("not no never none nobody nothing neither nor nowhere cannot cant dont wont isnt arent wasnt " +
    "werent didnt doesnt couldnt shouldnt wouldnt hasnt havent hadnt aint without hardly barely")
    .split(" ").map((word) => murmur3String(word, SEED_WORD)),
);

const [AT, HASH, QUOTE, LT, GT] = [64, 35, 39, 60, 62];
const [MENTION_MASK, URL_MASK, TAG_MASK] = [0xe000, 0xe001, 0xe002];

/**
 * Splits a text into tokens. After {@link Tokenizer.read} the normalised text lies in `units`
 * (tokens with one space before, between and after), token i being `units[starts[i]..ends[i])`,
 * `hashes[i]` its 32-bit hash, and `negated[i]` 1 within the scope of a negation.
 *
 * Lower-cased; HTML entities decoded; URLs, mentions (and hashtags, as asked) become one private
 * code unit each; emoticons, emoji and runs of punctuation are tokens; typographic apostrophes
 * become plain ones.
 *
 * @example
 * ```ts
 * import { Tokenizer } from "./tokenizer.ts";
 * const options = { hashtags: "split", elongation: 2, negationScope: 3, maskDigits: true } as const;
 * const tokenizer = new Tokenizer(options);
 * tokenizer.read("Sooooo NOT good :-( #fail");
 * const want = ["soo", "not", "good", ":-(", "fail"];
 * if (JSON.stringify(tokenizer.words()) !== JSON.stringify(want)) throw new Error();
 * if (tokenizer.negated[2] !== 1 || tokenizer.negated[0] !== 0) throw new Error();
 * ```
 */
export class Tokenizer {
  readonly units: Uint16Array = new Uint16Array(MAX_TEXT_UNITS * 3 + 8);
  readonly starts: Int32Array = new Int32Array(MAX_TEXT_UNITS + 1);
  readonly ends: Int32Array = new Int32Array(MAX_TEXT_UNITS + 1);
  readonly hashes: Uint32Array = new Uint32Array(MAX_TEXT_UNITS + 1);
  readonly negated: Uint8Array = new Uint8Array(MAX_TEXT_UNITS + 1);
  /** Number of tokens of the last text. */
  count = 0;
  /** Code units used of `units`. */
  length = 0;
  readonly #options: TokenizerOptions;
  #scope = 0;

  constructor(options: TokenizerOptions) {
    this.#options = options;
  }

  /** Tokenizes `text`; the buffers hold the result until the next call. */
  read(text: string): void {
    this.count = 0;
    this.#scope = 0;
    this.units[0] = 32;
    this.length = 1;
    const cut = text.length > MAX_TEXT_UNITS ? text.slice(0, MAX_TEXT_UNITS) : text;
    const source = decodeEntities(cut).toLowerCase();
    const size = Math.min(source.length, MAX_TEXT_UNITS);
    let i = 0;
    while (i < size) {
      const code = source.charCodeAt(i);
      const kind = CHAR_CLASS[code];
      if (kind === SPACE || kind === IGNORED) i++;
      else if (kind === WORD) i = this.#word(source, i, size);
      else if (kind === SYMBOL) i = this.#symbol(source, i, size);
      else i = this.#punctuation(source, i, size);
    }
  }

  /** The tokens of the last text as strings, for people and tests. */
  words(): string[] {
    return Array.from({ length: this.count }, (_, i) => this.text(i, i + 1));
  }

  /** Tokens `from` to `to` (exclusive) as a readable string. */
  text(from: number, to: number): string {
    return this.unitText(this.starts[from] ?? 0, this.ends[to - 1] ?? 0);
  }

  /** Code units `from` to `to` (exclusive) as a readable string. */
  unitText(from: number, to: number): string {
    return String.fromCharCode(...this.units.subarray(from, to))
      .replaceAll("\ue000", "@user").replaceAll("\ue001", "<url>").replaceAll("\ue002", "#tag");
  }

  #word(source: string, start: number, size: number): number {
    const first = source.charCodeAt(start);
    if (
      (first === 104 && (source.startsWith("http://", start) ||
        source.startsWith("https://", start))) ||
      (first === 119 && source.startsWith("www.", start))
    ) {
      this.#mask(URL_MASK);
      return skipToSpace(source, start, size);
    }
    const { elongation, maskDigits } = this.#options;
    const units = this.units;
    const begin = this.length;
    let at = begin;
    let previous = -1;
    let run = 0;
    let i = start;
    for (; i < size; i++) {
      let code = source.charCodeAt(i);
      const kind = CHAR_CLASS[code];
      if (code === 0x2019) code = QUOTE;
      if (code === QUOTE) {
        // An apostrophe belongs to the word only between two letters: don't, but not 'quoted'.
        if (CHAR_CLASS[source.charCodeAt(i + 1)] !== WORD) break;
      } else if (kind === IGNORED) continue;
      else if (kind !== WORD) break;
      if (maskDigits && code >= 48 && code <= 57) code = 48;
      if (code === previous) run++;
      else {
        previous = code;
        run = 1;
      }
      if (elongation > 0 && run > elongation) continue;
      units[at++] = code;
    }
    this.#close(begin, at);
    return i;
  }

  #symbol(source: string, start: number, size: number): number {
    const code = source.charCodeAt(start);
    const pair = code >= 0xd800 && code < 0xdc00 && start + 1 < size;
    const width = pair ? 2 : 1;
    const begin = this.length;
    this.units[begin] = code;
    if (pair) this.units[begin + 1] = source.charCodeAt(start + 1);
    this.#close(begin, begin + width);
    // The same emoji over and over says no more than twice does.
    let i = start + width;
    let copies = 1;
    while (i < size && same(source, start, i, width)) {
      if (copies === 1) {
        const next = this.length;
        this.units.copyWithin(next, begin, begin + width);
        this.#close(next, next + width);
      }
      copies++;
      i += width;
    }
    return i;
  }

  #punctuation(source: string, start: number, size: number): number {
    const code = source.charCodeAt(start);
    const next = source.charCodeAt(start + 1);
    if (code === AT && CHAR_CLASS[next] === WORD) {
      this.#mask(MENTION_MASK);
      return skipMention(source, start + 1, size);
    }
    if (code === HASH && CHAR_CLASS[next] === WORD) {
      if (this.#options.hashtags === "mask") {
        this.#mask(TAG_MASK);
        return skipWord(source, start + 1, size);
      }
      if (this.#options.hashtags === "split") return start + 1;
    }
    const begin = this.length;
    let at = begin;
    let i = start;
    let run = 0;
    let previous = -1;
    for (; i < size; i++) {
      const unit = source.charCodeAt(i);
      const kind = CHAR_CLASS[unit];
      if (kind === IGNORED) continue;
      if (kind !== PUNCT) {
        // The letter or digit that ends an emoticon (:D :-P <3) belongs to it.
        if (kind === WORD && isEyes(previous) && isMouth(source, i, size)) {
          this.units[at++] = unit;
          i++;
        }
        break;
      }
      if (i > start && (unit === AT || unit === HASH)) break;
      run = unit === previous ? run + 1 : 1;
      previous = unit;
      if (run <= 3) this.units[at++] = unit;
    }
    if (at > begin) {
      this.#close(begin, at);
      if (endsScope(code)) this.#scope = 0;
    }
    return Math.max(i, start + 1);
  }

  #mask(unit: number): void {
    this.units[this.length] = unit;
    this.#close(this.length, this.length + 1);
  }

  /** Ends the token that lies in `units[begin..end)`, and puts the space after it. */
  #close(begin: number, end: number): void {
    if (end === begin) return;
    const units = this.units;
    const index = this.count++;
    const hash = murmur3Units(units, { start: begin, end, seed: SEED_WORD });
    this.starts[index] = begin;
    this.ends[index] = end;
    this.hashes[index] = hash;
    this.negated[index] = this.#scope > 0 ? 1 : 0;
    if (this.#scope > 0) this.#scope--;
    if (this.#options.negationScope > 0 && isNegation(units, begin, end, hash)) {
      this.#scope = this.#options.negationScope;
    }
    units[end] = 32;
    this.length = end + 1;
  }
}

function isNegation(units: Uint16Array, begin: number, end: number, hash: number): boolean {
  if (NEGATIONS.has(hash)) return true;
  // n't
  return end - begin > 3 && units[end - 1] === 116 && units[end - 2] === QUOTE &&
    units[end - 3] === 110;
}

function endsScope(code: number): boolean {
  // . , ! ? ; :
  return code === 46 || code === 44 || code === 33 || code === 63 || code === 59 || code === 58;
}

function isEyes(code: number): boolean {
  // : ; = - ' ^ < >
  return code === 58 || code === 59 || code === 61 || code === 45 || code === QUOTE ||
    code === 94 || code === LT || code === GT;
}

function isMouth(source: string, at: number, size: number): boolean {
  const code = source.charCodeAt(at);
  // d p o x s 3 0 (after lower-casing), and no word going on behind it
  const mouth = code === 100 || code === 112 || code === 111 || code === 120 || code === 115 ||
    code === 51 || code === 48;
  return mouth && (at + 1 >= size || CHAR_CLASS[source.charCodeAt(at + 1)] !== WORD);
}

function same(source: string, a: number, b: number, width: number): boolean {
  for (let i = 0; i < width; i++) {
    if (source.charCodeAt(a + i) !== source.charCodeAt(b + i)) return false;
  }
  return true;
}

function skipToSpace(source: string, start: number, size: number): number {
  let i = start;
  while (i < size && CHAR_CLASS[source.charCodeAt(i)] !== SPACE) i++;
  return i;
}

function skipWord(source: string, start: number, size: number): number {
  let i = start;
  while (i < size && CHAR_CLASS[source.charCodeAt(i)] === WORD) i++;
  return i;
}

/** A mention, with the domain that Mastodon's may carry (`@name@host.example`). */
function skipMention(source: string, start: number, size: number): number {
  const i = skipWord(source, start, size);
  if (source.charCodeAt(i) !== AT || CHAR_CLASS[source.charCodeAt(i + 1)] !== WORD) return i;
  let j = i + 1;
  for (; j < size; j++) {
    const code = source.charCodeAt(j);
    const dot = code === 46 || code === 45;
    if (dot ? CHAR_CLASS[source.charCodeAt(j + 1)] !== WORD : CHAR_CLASS[code] !== WORD) break;
  }
  return j;
}
