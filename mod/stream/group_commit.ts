/**
 * Group commit: works that come while others are being committed wait, and are committed together.
 * One transaction for several costs the round trips, the locks and the flush of one.
 * Source of the idea: DeWitt et al., "Implementation Techniques for Main Memory Database Systems",
 * SIGMOD 1984.
 *
 * @module
 */

/** How works are committed. */
export interface GroupCommitOptions<W, R> {
  /** Groups that may be under way at the same time, so that one is prepared while one is written. */
  readonly lanes: number;
  /** Whether a work may join those that are already together. */
  readonly fits: (group: readonly W[], work: W) => boolean;
  /** Commits works together, all or none of them; gives a result for each, in their order. */
  readonly commit: (group: readonly W[]) => Promise<readonly R[]>;
}

interface Waiting<W, R> {
  readonly work: W;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Commits what it is given, in order of arrival. A group that fails is taken apart, so that what is
 * wrong with one work fails that one alone.
 *
 * @example
 * ```ts
 * import { GroupCommit } from "./group_commit.ts";
 * const groups: number[] = [];
 * const committer = new GroupCommit<string, string>({
 *   lanes: 1,
 *   fits: () => true,
 *   commit: (group) => {
 *     groups.push(group.length);
 *     return Promise.resolve(group.map((work) => work.toUpperCase()));
 *   },
 * });
 * const done = await Promise.all(["a", "b", "c"].map((work) => committer.add(work)));
 * if (done.join() !== "A,B,C" || groups.join() !== "1,2") throw new Error();
 * ```
 */
export class GroupCommit<W, R> {
  readonly #options: GroupCommitOptions<W, R>;
  #waiting: Waiting<W, R>[] = [];
  #busy = 0;

  constructor(options: GroupCommitOptions<W, R>) {
    this.#options = options;
  }

  /** Resolves once the work is committed; rejects with what its own commit threw. */
  add(work: W): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ work, resolve, reject });
      void this.#next();
    });
  }

  async #next(): Promise<void> {
    if (this.#busy >= this.#options.lanes || this.#waiting.length === 0) return;
    this.#busy++;
    await this.#settle(this.#take());
    this.#busy--;
    void this.#next();
  }

  #take(): Waiting<W, R>[] {
    const group: W[] = [];
    for (const { work } of this.#waiting) {
      if (group.length > 0 && !this.#options.fits(group, work)) break;
      group.push(work);
    }
    const taken = this.#waiting.slice(0, group.length);
    this.#waiting = this.#waiting.slice(group.length);
    return taken;
  }

  async #settle(group: readonly Waiting<W, R>[]): Promise<void> {
    try {
      const results = await this.#options.commit(group.map(({ work }) => work));
      for (const [i, { resolve, reject }] of group.entries()) {
        const result = results[i];
        if (result === undefined) reject(new Error("A work that was committed has no result"));
        else resolve(result);
      }
    } catch (error) {
      const [only] = group;
      if (group.length === 1) only?.reject(error);
      else for (const one of group) await this.#settle([one]);
    }
  }
}
