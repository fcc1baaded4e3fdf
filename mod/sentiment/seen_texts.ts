/**
 * Which texts were seen before, without keeping them.
 *
 * @module
 */
import { murmur3String } from "./murmur3.ts";

/**
 * A set of texts by 53 bits of two hashes of theirs: of 1,600,000 different texts, two are
 * taken for one with a probability of 0.00014.
 *
 * @example
 * ```ts
 * import { SeenTexts } from "./seen_texts.ts";
 * const seen = new SeenTexts();
 * if (!seen.add("a") || seen.add("a") || !seen.has("a") || seen.has("b")) throw new Error();
 * ```
 */
export class SeenTexts {
  /** Open addressing; 0 is a free place. */
  #keys = new Float64Array(1024);
  #size = 0;

  /** Adds `text`; false if it was there. */
  add(text: string): boolean {
    const key = keyOf(text);
    const place = this.#find(key);
    if (this.#keys[place] === key) return false;
    this.#keys[place] = key;
    this.#size++;
    if (this.#size * 2 > this.#keys.length) this.#grow();
    return true;
  }

  /** Whether `text` was added. */
  has(text: string): boolean {
    const key = keyOf(text);
    return this.#keys[this.#find(key)] === key;
  }

  #find(key: number): number {
    const mask = this.#keys.length - 1;
    let place = key % 2 ** 31 & mask;
    while (this.#keys[place] !== 0 && this.#keys[place] !== key) place = place + 1 & mask;
    return place;
  }

  #grow(): void {
    const old = this.#keys;
    this.#keys = new Float64Array(old.length * 2);
    for (const key of old) if (key !== 0) this.#keys[this.#find(key)] = key;
  }
}

function keyOf(text: string): number {
  const high = murmur3String(text, 1) >>> 11;
  return high * 2 ** 32 + murmur3String(text, 2) + 1;
}
