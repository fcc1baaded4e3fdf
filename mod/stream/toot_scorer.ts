/**
 * A sentiment model with the rules of which toots it scores and how it labels them: the same for
 * the stream and the batch job.
 *
 * @module
 */
import { scoredLanguage } from "../sentiment/language.ts";
import { labelOf, type Scorer, type Thresholds } from "../sentiment/scorer.ts";
import type { TootScorer } from "./processor.ts";

/** Which toots are scored, and where neutral begins and ends. */
export interface ScoringRules {
  /** Primary language codes, such as `en`. */
  readonly languages: readonly string[];
  readonly thresholds: Thresholds;
}

/** The part of a language tag that names the language: `en` of `en-gb`. */
export function primaryLanguage(lang: string): string {
  return lang.split("-", 1)[0] ?? lang;
}

/** Applies the rules to a model. Toots of unknown language are scored if they can be recognised. */
export function tootScorer(model: Scorer, { languages, thresholds }: ScoringRules): TootScorer {
  const scored = new Set(languages);
  return {
    version: model.version,
    score(text, lang) {
      if (text === "") return null;
      const code = scoredLanguage(lang, text);
      if (!scored.has(primaryLanguage(code))) return null;
      const probability = model.score(text);
      return { lang: code, probability, label: labelOf(probability, thresholds) };
    },
  };
}
