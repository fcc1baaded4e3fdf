/**
 * The stream job: windows, watermark, exactly-once processing, batch scoring.
 *
 * @module
 */
export { registerModel } from "./model_registry.ts";
export type { BatchReport } from "./processor.ts";
export { ProgressMeter, type StreamProgress } from "./progress.ts";
export { type GroupTopic, readPositions } from "./progress_store.ts";
export { rescore, type RescoreOptions, type RescoreResult } from "./rescore.ts";
export { type StreamTotals, streamTotals } from "./totals.ts";
export { type ScoringRules, type TootScorer, tootScorer, type TootText } from "./toot_scorer.ts";
export { PartitionClock, wholeWatermark, windowStart } from "./window.ts";
export { runWorker, WORKER_GROUP, type WorkerOptions } from "./worker.ts";
