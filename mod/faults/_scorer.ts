import type { TootScorer } from "../stream/mod.ts";

/**
 * A scorer for tests: any number will do that depends on the text alone, as long as all labels
 * occur. It starts in no time, which a model does not.
 */
export const plainScorer: TootScorer = {
  version: "plain",
  score(text, lang) {
    if (text === "" || (lang !== "en" && lang !== "de")) return null;
    let sum = 0;
    for (let i = 0; i < text.length; i++) sum = (sum * 31 + text.charCodeAt(i)) % 1_000_003;
    const probability = Math.round(sum / 1_000_003 * 1e6) / 1e6;
    const label = probability <= 0.45 ? "negative" : probability >= 0.55 ? "positive" : "neutral";
    return { lang, probability, label };
  },
};
