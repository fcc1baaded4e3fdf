/**
 * A map of bounded size that forgets what was not used for long.
 *
 * @module
 */

/**
 * Two generations: what is used moves to the young one, and when that is full the old one is
 * forgotten. Holds the last `capacity` keys at least and twice as many at most.
 *
 * @example
 * ```ts
 * import { RecentMap } from "./recent.ts";
 * const recent = new RecentMap<number>(2);
 * for (const [i, key] of ["a", "b", "c", "d", "e"].entries()) recent.set(key, i);
 * if (recent.get("e") !== 4 || recent.get("a") !== undefined) throw new Error();
 * ```
 */
export class RecentMap<V> {
  readonly #capacity: number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(key: string): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: V): void {
    if (!this.#young.has(key) && this.#young.size >= this.#capacity) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  delete(key: string): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }
}
