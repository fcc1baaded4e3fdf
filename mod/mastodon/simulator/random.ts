/**
 * The simulator's own random numbers: the same seed gives the same stream on every machine.
 *
 * @module
 */

/**
 * Small Fast Counter, 32-bit variant (sfc32) by Chris Doty-Humphrey, as published with PractRand:
 * 128 bits of state, seeded as there with 12 rounds of warm-up. Not for secrets.
 *
 * @example
 * ```ts
 * import { Random } from "./random.ts";
 * const a = new Random(42);
 * const b = new Random(42);
 * if (a.uint32() !== b.uint32()) throw new Error("same seed, same numbers");
 * ```
 */
export class Random {
  #a = 0;
  #b: number;
  #c: number;
  #counter = 1;

  /**
   * @param seed Any safe integer; both its 32-bit halves count.
   * @throws {RangeError} If the seed is not a safe integer.
   */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed)) {
      throw new RangeError(`Cannot seed with ${seed}: give a whole number up to 2^53 - 1`);
    }
    this.#b = seed | 0;
    this.#c = Math.floor(seed / 2 ** 32) | 0;
    for (let round = 0; round < 12; round++) this.uint32();
  }

  /** The next whole number in [0, 2^32). */
  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** The next number in [0, 1), in steps of 2^-32. */
  float(): number {
    return this.uint32() / 2 ** 32;
  }

  /** A whole number in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.float() * limit);
  }

  /** A whole number in [low, high], both ends included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True with the given probability; draws one number whatever the probability is. */
  chance(probability: number): boolean {
    return this.float() < probability;
  }

  /**
   * One of the items, each equally likely.
   *
   * @throws {RangeError} If there is none.
   */
  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError("Cannot pick from an empty list: give one item");
    return item;
  }

  /**
   * One of the items, each as likely as its weight says.
   *
   * @throws {RangeError} If there is no item of positive weight.
   */
  weighted<T extends { readonly weight: number }>(items: readonly T[]): T {
    let rest = this.float() * items.reduce((sum, item) => sum + item.weight, 0);
    for (const item of items) {
      rest -= item.weight;
      if (rest < 0) return item;
    }
    throw new RangeError("Cannot pick by weight: no item has a positive weight");
  }
}
