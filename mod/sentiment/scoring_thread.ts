/**
 * A model in a thread of its own, so that a backlog is scored on one core while its rows are made on
 * another. The thread runs the same code on the same files: the numbers are the same.
 *
 * @module
 */
import type { Scorer } from "./scorer.ts";

/** What the thread is told. */
export type ToScoring =
  | { readonly kind: "load"; readonly modelDir: string }
  | { readonly kind: "score"; readonly id: number; readonly texts: readonly string[] };

/** What it answers; probabilities are in the order of the texts. */
export type FromScoring =
  | { readonly kind: "loaded"; readonly version: string }
  | { readonly kind: "scored"; readonly id: number; readonly probabilities: Float64Array }
  | { readonly kind: "failed"; readonly message: string };

/** A scorer that can also score many texts in another thread; dispose it to end the thread. */
export interface ThreadedScorer extends Scorer, Disposable {
  /** Scores of `texts`, in their order. Rejects if the thread failed. */
  scoreMany(texts: readonly string[]): Promise<Float64Array>;
}

interface Waiting {
  resolve(probabilities: Float64Array): void;
  reject(error: Error): void;
}

/**
 * Adds a thread to a scorer, which goes on scoring single texts itself.
 *
 * @throws {Error} if the thread finds another model in `modelDir` than the scorer's
 * @example
 * ```ts
 * import { loadScorer } from "./load.ts";
 * import { threadedScorer } from "./scoring_thread.ts";
 * async function example() {
 *   using scorer = await threadedScorer(await loadScorer(), { modelDir: "" });
 *   return await scorer.scoreMany(["what a day", "oh no"]);
 * }
 * ```
 */
export async function threadedScorer(
  scorer: Scorer,
  { modelDir }: { modelDir: string },
): Promise<ThreadedScorer> {
  const thread = new Worker(new URL("./_scoring_thread_main.ts", import.meta.url), {
    type: "module",
  });
  const waiting = new Map<number, Waiting>();
  const loaded = Promise.withResolvers<string>();
  let failure: Error | null = null;
  const fail = (message: string) => {
    failure = new Error(`The scoring thread failed: ${message}`);
    loaded.reject(failure);
    for (const { reject } of waiting.values()) reject(failure);
    waiting.clear();
  };
  thread.onmessage = ({ data }: MessageEvent<FromScoring>) => {
    if (data.kind === "loaded") loaded.resolve(data.version);
    else if (data.kind === "failed") fail(data.message);
    else {
      waiting.get(data.id)?.resolve(data.probabilities);
      waiting.delete(data.id);
    }
  };
  thread.onerror = (event) => {
    event.preventDefault();
    fail(event.message);
  };
  const tell = (message: ToScoring) => thread.postMessage(message);
  tell({ kind: "load", modelDir });
  try {
    const version = await loaded.promise;
    if (version !== scorer.version) {
      throw new Error(`The model changed from "${scorer.version}" to "${version}": start again`);
    }
  } catch (error) {
    thread.terminate();
    throw error;
  }
  let lastId = 0;
  return {
    version: scorer.version,
    score: (text) => scorer.score(text),
    scoreMany(texts) {
      if (failure !== null) return Promise.reject(failure);
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        tell({ kind: "score", id, texts });
      });
    },
    [Symbol.dispose]: () => thread.terminate(),
  };
}
