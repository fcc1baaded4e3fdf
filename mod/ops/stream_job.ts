/**
 * One stream worker, wired by the configuration.
 *
 * @module
 */
import type { Config } from "../config/config.ts";
import { type BatchReport, runWorker } from "../stream/mod.ts";
import { openEngines } from "./engines.ts";
import { loggerOf } from "./logging.ts";
import { openThreadedScorer } from "./rules.ts";

/** How a worker runs. */
export interface StreamJobOptions {
  /** Stop when all that the log holds now is processed. */
  readonly once: boolean;
  /** Score toots on the way. */
  readonly sentiment: boolean;
  readonly onBatch: (report: BatchReport) => void;
  readonly signal: AbortSignal;
}

/**
 * Most bytes of one partition in one fetch where toots are scored, which waits for the scoring anyway:
 * smaller batches cost 3% of the rate there and hold 20 MiB less.
 */
const SCORED_FETCH_BYTES = 768 * 1024;

/** Opens the engines and works until the signal aborts or the log is drained. */
export async function runStreamJob(config: Config, options: StreamJobOptions): Promise<void> {
  const { once, sentiment, onBatch, signal } = options;
  await using engines = await openEngines(config, {
    outlast: signal,
    ...sentiment && { fetchBytes: SCORED_FETCH_BYTES },
  });
  using scoring = sentiment ? await openThreadedScorer(config, engines.db) : null;
  const logger = loggerOf("stream");
  await runWorker({
    ...engines,
    topic: config.KAFKA_TOPIC,
    errorTopic: config.KAFKA_ERROR_TOPIC,
    windowS: config.WINDOW_S,
    graceS: config.WINDOW_GRACE_S,
    idleTimeoutS: config.IDLE_TIMEOUT_S,
    scorer: scoring?.scorer ?? null,
    once,
    signal,
    onBatch,
    onFinal: (until) =>
      logger.debug("Windows are final until {until}", {
        until: Number.isFinite(until) ? new Date(until).toISOString() : "never",
      }),
  });
}
