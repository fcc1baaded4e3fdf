/**
 * Sentiment of short posts: train, measure, load, score, explain.
 *
 * @example
 * ```ts
 * import { labelOf, loadScorer } from "./mod.ts";
 * const scorer = await loadScorer();
 * const probability = scorer.score("what a wonderful day");
 * if (labelOf(probability, { low: 0.45, high: 0.55 }) !== "positive") throw new Error();
 * ```
 *
 * @module
 */
export * from "./bootstrap.ts";
export * from "./calibrate.ts";
export * from "./curves.ts";
export * from "./errors.ts";
export * from "./evaluate.ts";
export * from "./evaluate_file.ts";
export * from "./explain.ts";
export * from "./labelled_rows.ts";
export * from "./language.ts";
export * from "./load.ts";
export * from "./metrics.ts";
export * from "./model.ts";
export * from "./model_file.ts";
export * from "./presets.ts";
export * from "./score_file.ts";
export * from "./scorer.ts";
export { type ThreadedScorer, threadedScorer } from "./scoring_thread.ts";
export * from "./split.ts";
export * from "./text_store.ts";
export * from "./three_class.ts";
export * from "./train.ts";
export * from "./train_files.ts";
export * from "./training_set.ts";
