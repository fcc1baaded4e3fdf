/**
 * Work that must not overlap.
 *
 * @module
 */

/**
 * Lets works take turns, in the order of the calls: each begins when the one before has ended, well or
 * not, and what it throws is its own.
 *
 * @example
 * ```ts
 * import { turns } from "./turns.ts";
 * const inTurn = turns();
 * const order: number[] = [];
 * await Promise.all([20, 0].map((ms, i) =>
 *   inTurn(async () => {
 *     await new Promise((resolve) => setTimeout(resolve, ms));
 *     order.push(i);
 *   })
 * ));
 * if (order.join() !== "0,1") throw new Error();
 * ```
 */
export function turns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
  };
}
