/**
 * The features of the original Spark pipeline: RegexTokenizer, StopWordsRemover, HashingTF.
 *
 * @module
 */
import { z } from "zod";
import { ModelError } from "./errors.ts";
import { murmur3 } from "./murmur3.ts";
import type { FeatureName, Vectorizer } from "./vectorizer.ts";

/** How a text becomes words. */
export interface WordTools {
  /** Splits lower-cased text into words. */
  tokenize(text: string): string[];
  /** Words to leave out. */
  readonly stopWords: ReadonlySet<string>;
}

/**
 * The same tools from what a model stores of them. natural's RegexpTokenizer splits at the pattern
 * and drops what is empty; so does this.
 *
 * @example
 * ```ts
 * import { storedWordTools } from "./classic_vectorizer.ts";
 * const tools = storedWordTools({ gaps: "\\W+", stopWords: ["the"] });
 * if (tools.tokenize("the cat!").join() !== "the,cat") throw new Error();
 * ```
 */
export function storedWordTools(
  features: { readonly gaps: string; readonly stopWords: readonly string[] },
): WordTools {
  const gaps = new RegExp(features.gaps);
  return {
    tokenize: (text) => text.split(gaps).filter((word) => word !== ""),
    stopWords: new Set(features.stopWords),
  };
}

/** Spark's HashingTF hashes with this seed (org.apache.spark.ml.feature.HashingTF). */
const SPARK_SEED = 42;
const MAX_WORDS = 8192;

/**
 * Counts hashed words as Spark's HashingTF does: MurmurHash3 of the UTF-8 bytes, modulo buckets.
 *
 * @example
 * ```ts
 * import { ClassicVectorizer } from "./classic_vectorizer.ts";
 * const tools = { tokenize: (text: string) => text.split(" "), stopWords: new Set(["the"]) };
 * const vectorizer = new ClassicVectorizer(tools, 18);
 * vectorizer.read("The cat the cat sat");
 * if (vectorizer.size !== 2 || vectorizer.counts[0] !== 2) throw new Error();
 * ```
 */
export class ClassicVectorizer implements Vectorizer {
  readonly buckets: Uint32Array = new Uint32Array(MAX_WORDS);
  readonly counts: Uint8Array = new Uint8Array(MAX_WORDS);
  readonly bits: number;
  size = 0;
  words = 0;
  readonly #tools: WordTools;
  #tokens: string[] = [];
  /** The token where each feature first occurs. */
  readonly #first: Uint16Array = new Uint16Array(MAX_WORDS);
  readonly #encoder = new TextEncoder();

  constructor(tools: WordTools, bits: number) {
    this.#tools = tools;
    this.bits = bits;
  }

  read(text: string): void {
    const places = new Map<number, number>();
    this.#tokens = this.#tools.tokenize(text.toLowerCase())
      .filter((word) => word !== "" && !this.#tools.stopWords.has(word)).slice(0, MAX_WORDS);
    this.size = 0;
    this.#tokens.forEach((word, at) => {
      const bucket = murmur3(this.#encoder.encode(word), SPARK_SEED) & (2 ** this.bits - 1);
      const place = places.get(bucket);
      if (place !== undefined) {
        this.counts[place] = Math.min(255, (this.counts[place] ?? 0) + 1);
        return;
      }
      places.set(bucket, this.size);
      this.#first[this.size] = at;
      this.buckets[this.size] = bucket;
      this.counts[this.size++] = 1;
    });
    this.words = this.size;
  }

  tokens(): string[] {
    return [...this.#tokens];
  }

  describe(index: number): FeatureName {
    const at = this.#first[index] ?? 0;
    return { kind: "word", text: this.#tokens[at] ?? "", tokens: [at, at + 1] };
  }
}

const TokenizerModule = z.object({
  RegexpTokenizer: z.custom<RegexpTokenizerClass>((value) => typeof value === "function"),
});
const StopWordsModule = z.object({ words: z.array(z.string()) });

type RegexpTokenizerClass = new (options: { pattern: RegExp }) => {
  tokenize(text: string): string[];
};

/**
 * Loads natural's RegexpTokenizer and stop words. The package is fetched at this moment and only
 * by those who ask for the preset: its address is put together at run time, because a literal one
 * would put it, with the databases it depends on, into everybody's download.
 *
 * @throws {ModelError} if it can't be fetched.
 *
 * @example
 * ```ts ignore
 * const tools = await loadNatural("\\W+");
 * tools.tokenize("hello world");
 * ```
 */
export async function loadNatural(gaps: string): Promise<WordTools> {
  // The deep files alone: the package's root loads mongoose and redis.
  const root = ["npm:natural@8.1.1", "lib", "natural"].join("/");
  try {
    const tokenizers = TokenizerModule.parse(
      unwrap(await import(`${root}/tokenizers/regexp_tokenizer.js`)),
    );
    const stopWords = StopWordsModule.parse(unwrap(await import(`${root}/util/stopwords.js`)));
    const tokenizer = new tokenizers.RegexpTokenizer({ pattern: new RegExp(gaps) });
    return {
      tokenize: (text) => tokenizer.tokenize(text),
      stopWords: new Set(stopWords.words),
    };
  } catch (error) {
    throw new ModelError(
      'Cannot load npm:natural, which the preset "classic" needs: connect to a package registry ' +
        'once, or use the preset "best"',
      { cause: error },
    );
  }
}

/** CommonJS modules come with their exports under `default`. */
function unwrap(module: unknown): unknown {
  const wrapped = z.looseObject({ default: z.unknown() }).safeParse(module);
  return wrapped.success
    ? { ...wrapped.data, ...z.looseObject({}).parse(wrapped.data.default) }
    : module;
}
