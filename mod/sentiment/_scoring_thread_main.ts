/**
 * The thread behind `scoring_thread.ts`.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import { loadScorer } from "./load.ts";
import type { Scorer } from "./scorer.ts";
import type { FromScoring, ToScoring } from "./scoring_thread.ts";

let scorer: Scorer | null = null;

self.onmessage = async ({ data }: MessageEvent<ToScoring>) => {
  try {
    if (data.kind === "load") {
      scorer = await loadScorer({ modelDir: data.modelDir });
      tell({ kind: "loaded", version: scorer.version });
    } else {
      const probabilities = score(data.texts);
      tell({ kind: "scored", id: data.id, probabilities }, [probabilities.buffer]);
    }
  } catch (error) {
    tell({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  }
};

function score(texts: readonly string[]): Float64Array<ArrayBuffer> {
  const model = scorer;
  if (model === null) throw new Error("asked before it had a model");
  return Float64Array.from(texts, (text) => model.score(text));
}

function tell(message: FromScoring, transfer: Transferable[] = []): void {
  self.postMessage(message, transfer);
}
