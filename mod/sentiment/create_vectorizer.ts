/**
 * The feature extractor that a preset asks for.
 *
 * @module
 */
import { ClassicVectorizer, storedWordTools, type WordTools } from "./classic_vectorizer.ts";
import { Featurizer } from "./features.ts";
import type { Preset } from "./presets.ts";
import type { Vectorizer } from "./vectorizer.ts";

/**
 * Makes it; `wordTools` stands in for what the preset `classic` stores of them.
 *
 * @example
 * ```ts
 * import { createVectorizer } from "./create_vectorizer.ts";
 * import { BEST } from "./presets.ts";
 * if (createVectorizer(BEST.features).bits !== BEST.features.bits) throw new Error();
 * ```
 */
export function createVectorizer(
  features: Preset["features"],
  wordTools?: WordTools,
): Vectorizer {
  if (features.kind === "ngrams") return new Featurizer(features);
  return new ClassicVectorizer(wordTools ?? storedWordTools(features), features.bits);
}
