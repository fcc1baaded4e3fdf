/**
 * Why a text got its probability.
 *
 * @module
 */
import type { Model } from "./model.ts";

/** Something that pushed a probability, and how far. */
export interface Push {
  readonly text: string;
  /** What it adds to the logit: above 0 towards positive. */
  readonly push: number;
}

/** A probability taken apart. The pushes of all n-grams and `base` add up to `logit`. */
export interface Explanation {
  /** What {@link Model.score} gives. */
  readonly probability: number;
  /** The logit before calibration. */
  readonly logit: number;
  /** The logit of a text without features. */
  readonly base: number;
  /** N-grams, the strongest first. */
  readonly ngrams: readonly (Push & { readonly kind: "word" | "char" })[];
  /** Tokens in reading order, each with its share of the n-grams that touch it. */
  readonly tokens: readonly Push[];
}

/**
 * Takes the probability of `text` apart into n-grams and tokens. An n-gram that occurs more than
 * once is shown where it occurs first.
 *
 * @example
 * ```ts
 * import { explain } from "./explain.ts";
 * import { loadShippedModel } from "./load.ts";
 * const { model } = await loadShippedModel();
 * const { tokens, probability } = explain(model, "I love mondays");
 * const strongest = tokens.toSorted((a, b) => b.push - a.push)[0];
 * if (strongest?.text !== "love" || !(probability > 0.5)) throw new Error();
 * ```
 */
export function explain(
  model: Model,
  text: string,
  options: { readonly limit?: number } = {},
): Explanation {
  const { limit = 12 } = options;
  const { vectorizer, bias: base } = model.parts;
  const pushes = model.pushes(text);
  const tokens = vectorizer.tokens().map((token) => ({ text: token, push: 0 }));
  let logit = base;
  const ngrams = Array.from(pushes, (push, index) => {
    const { kind, text, tokens: [from, to] } = vectorizer.describe(index);
    logit += push;
    for (let i = from; i < to; i++) {
      const token = tokens[i];
      if (token !== undefined) token.push += push / (to - from);
    }
    return { kind, text, push };
  });
  ngrams.sort((a, b) => Math.abs(b.push) - Math.abs(a.push));
  return {
    probability: model.score(text),
    logit,
    base,
    ngrams: ngrams.slice(0, limit),
    tokens,
  };
}

/**
 * An explanation as lines for a terminal.
 *
 * @example
 * ```ts
 * import { explanationLines } from "./explain.ts";
 * const lines = explanationLines({
 *   probability: 0.9, logit: 2.2, base: 0.1,
 *   ngrams: [{ kind: "word", text: "good", push: 2.1 }], tokens: [{ text: "good", push: 2.1 }],
 * }, "positive");
 * if (lines[0] !== "positive, probability 0.900000") throw new Error();
 * ```
 */
export function explanationLines(explanation: Explanation, label: string): string[] {
  const signed = (push: number): string => `${push < 0 ? "-" : "+"}${Math.abs(push).toFixed(3)}`;
  const { probability, base, ngrams, tokens } = explanation;
  return [
    `${label}, probability ${probability.toFixed(6)}`,
    `Pushes are in logits: above 0 towards positive; a text without words starts at ${
      signed(base)
    }`,
    `By word: ${tokens.map(({ text, push }) => `${text} ${signed(push)}`).join(", ")}`,
    "Strongest n-grams:",
    ...ngrams.map(({ kind, text, push }) =>
      `  ${signed(push)}  ${kind === "word" ? "word" : "char"}  ${JSON.stringify(text)}`
    ),
  ];
}
