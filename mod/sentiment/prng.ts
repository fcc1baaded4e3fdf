/**
 * A small seeded generator, so that a training run can be repeated to the byte.
 *
 * @module
 */

/**
 * Numbers in [0, 1) that depend on the seed alone (mulberry32, Tommy Ettinger, public domain).
 *
 * @example
 * ```ts
 * import { seededRandom } from "./prng.ts";
 * if (seededRandom(1)() !== seededRandom(1)()) throw new Error();
 * ```
 */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Shuffles in place (Fisher–Yates).
 *
 * @example
 * ```ts
 * import { seededRandom, shuffle } from "./prng.ts";
 * const order = Uint32Array.of(0, 1, 2, 3);
 * shuffle(order, seededRandom(7));
 * if (order.toSorted().join() !== "0,1,2,3") throw new Error();
 * ```
 */
export function shuffle(order: Uint32Array, random: () => number): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const kept = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = kept;
  }
}
