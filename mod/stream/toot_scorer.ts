/**
 * A sentiment model with the rules of which toots it scores and how it labels them: the same for
 * the stream and the batch job.
 *
 * @module
 */
import { scoredLanguage } from "../sentiment/language.ts";
import { labelOf, type Scorer, type Thresholds } from "../sentiment/scorer.ts";
import type { ThreadedScorer } from "../sentiment/scoring_thread.ts";
import type { Score } from "./toot_state.ts";

/** What of a toot is scored. */
export interface TootText {
  readonly text: string;
  /** As its author declared it. */
  readonly lang: string;
}

/** Scores toots; what is not to be scored gives null. */
export interface TootScorer {
  readonly version: string;
  score(text: string, lang: string): Score | null;
  /** Scores many at once beside this thread; left out where there is no other. */
  scoreMany?(toots: readonly TootText[]): Promise<readonly (Score | null)[]>;
}

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
export function tootScorer(
  model: Scorer | ThreadedScorer,
  { languages, thresholds }: ScoringRules,
): TootScorer {
  const scored = new Set(languages);
  const languageOf = ({ text, lang }: TootText): string | null => {
    if (text === "") return null;
    const code = scoredLanguage(lang, text);
    return scored.has(primaryLanguage(code)) ? code : null;
  };
  const scoreOf = (lang: string, probability: number): Score => ({
    lang,
    probability,
    label: labelOf(probability, thresholds),
  });
  const scorer: TootScorer = {
    version: model.version,
    score(text, lang) {
      const code = languageOf({ text, lang });
      return code === null ? null : scoreOf(code, model.score(text));
    },
  };
  if (!("scoreMany" in model)) return scorer;
  return {
    ...scorer,
    async scoreMany(toots) {
      const langs = toots.map(languageOf);
      const texts = toots.flatMap(({ text }, i) => langs[i] === null ? [] : [text]);
      const probabilities = (await model.scoreMany(texts)).values();
      return langs.map((lang) => {
        if (lang === null) return null;
        const { value } = probabilities.next();
        if (value === undefined) throw new Error("The scoring thread left out a text");
        return scoreOf(lang, value);
      });
    },
  };
}
