/**
 * Finds the model to use.
 *
 * @module
 */
import { type LoadedModel, loadModel, METADATA_FILE } from "./model_file.ts";
import type { Scorer } from "./scorer.ts";

const SHIPPED = new URL("./model", import.meta.url);

/**
 * The model that comes with the program (English; see model/README.md).
 *
 * @example
 * ```ts
 * import { loadShippedModel } from "./load.ts";
 * const { model } = await loadShippedModel();
 * if (!(model.score("I love this, thank you") > 0.8)) throw new Error();
 * ```
 */
export function loadShippedModel(): Promise<LoadedModel> {
  return loadModel(SHIPPED);
}

/**
 * The model in `modelDir` if that folder holds one, else the shipped one, with its metadata.
 *
 * @throws {Error} if the folder holds a model that can't be used.
 *
 * @example
 * ```ts
 * import { findModel } from "./load.ts";
 * const { metadata } = await findModel({ modelDir: "/no/such/folder" });
 * if (metadata.preset.name !== "best") throw new Error();
 * ```
 */
export async function findModel(
  options: { readonly modelDir?: string | undefined } = {},
): Promise<LoadedModel> {
  const { modelDir } = options;
  return modelDir !== undefined && modelDir !== "" && await exists(`${modelDir}/${METADATA_FILE}`)
    ? await loadModel(modelDir)
    : await loadShippedModel();
}

/**
 * The scorer of {@link findModel}.
 *
 * @throws {Error} if the folder holds a model that can't be used.
 *
 * @example
 * ```ts
 * import { loadScorer } from "./load.ts";
 * const scorer = await loadScorer({ modelDir: "data/models/sentiment_pipeline_model" });
 * if (!(scorer.score("so sad and tired") < 0.4)) throw new Error();
 * ```
 */
export async function loadScorer(
  options: { readonly modelDir?: string | undefined } = {},
): Promise<Scorer> {
  return (await findModel(options)).model;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return false;
    }
    throw error;
  }
}
