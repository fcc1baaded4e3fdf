/**
 * The feature extractor that a preset asks for.
 *
 * @module
 */
import { ClassicVectorizer, loadNatural, type WordTools } from "./classic_vectorizer.ts";
import { Featurizer } from "./features.ts";
import type { Preset } from "./presets.ts";
import type { Vectorizer } from "./vectorizer.ts";

/**
 * Makes it. Only `classic` loads npm:natural, unless `wordTools` takes its place.
 *
 * @example
 * ```ts
 * import { createVectorizer } from "./create_vectorizer.ts";
 * import { BEST } from "./presets.ts";
 * if ((await createVectorizer(BEST.features)).bits !== BEST.features.bits) throw new Error();
 * ```
 */
export async function createVectorizer(
  features: Preset["features"],
  wordTools?: WordTools,
): Promise<Vectorizer> {
  if (features.kind === "ngrams") return new Featurizer(features);
  return new ClassicVectorizer(wordTools ?? await loadNatural(), features.bits);
}
