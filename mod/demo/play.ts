/**
 * The live part of the demo: simulator → socket → ingest → log → stream → database, side by side
 * in one process.
 *
 * @module
 */
import type { Config } from "../config/config.ts";
import type { Database } from "../db/database.ts";
import { Ingestor } from "../ingest/ingestor.ts";
import type { IngestCounts } from "../ingest/ingest_counts.ts";
import { supervise } from "../ingest/supervisor.ts";
import type { EventLog } from "../log/event_log.ts";
import type { NormalizeRules } from "../mastodon/normalize.ts";
import { discoverServer } from "../mastodon/server.ts";
import { startSimulator } from "../mastodon/simulator/mod.ts";
import { type BatchReport, runWorker } from "../stream/mod.ts";
import type { TootScorer } from "../stream/mod.ts";
import type { DemoSource } from "./demo_source.ts";

/** What is played, and through what. */
export interface PlayOptions {
  readonly demo: DemoSource;
  readonly db: Database;
  readonly log: EventLog;
  readonly config: Pick<
    Config,
    "KAFKA_TOPIC" | "KAFKA_ERROR_TOPIC" | "WINDOW_S" | "WINDOW_GRACE_S" | "MASTODON_STREAM"
  >;
  readonly rules: Omit<NormalizeRules, "instance">;
  readonly scorer: TootScorer;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: PlayProgress) => void;
}

/** How far it is. */
export interface PlayProgress {
  /** Frames through the socket. */
  readonly received: number;
  /** Records through the stream job. */
  readonly processed: number;
}

/** Plays to the end. Gives what ingest counted. */
export async function play(options: PlayOptions): Promise<IngestCounts> {
  const { demo, log, config, rules, signal } = options;
  await using simulator = await startSimulator({ source: demo.source, domain: demo.domain });
  const server = await discoverServer(simulator.url, { signal });
  const ingestor = new Ingestor({
    log,
    topic: config.KAFKA_TOPIC,
    errorTopic: config.KAFKA_ERROR_TOPIC,
    rules: { ...rules, instance: server.instance },
  });
  const played = new AbortController();
  const ending = AbortSignal.any([signal, played.signal]);
  let processed = 0;
  const report = () => options.onProgress?.({ received: ingestor.counts.frames, processed });
  const worker = work(options, {
    signal: ending,
    onBatch: ({ records }) => {
      processed += records;
      report();
    },
  });
  const ingest = supervise({
    server,
    token: simulator.token,
    stream: { kind: "public" },
    signal: ending,
    onFrame: (frame) => {
      ingestor.push(frame);
      report();
    },
  });
  const received = (async () => {
    await simulator.finished;
    // Sent is not received: the last frames may still be on their way.
    while (ingestor.counts.frames < simulator.ledger.counts.frames && !signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await ingestor.flush();
  })();
  try {
    // A worker that fails ends the demo; without it nothing would read the log any more.
    await Promise.race([received, worker, aborted(signal)]);
  } finally {
    played.abort();
    await Promise.all([worker, ingest, ingestor.flush()]);
  }
  // The stream has ended, so no silent partition is worth waiting for.
  if (!signal.aborted) {
    await work(options, {
      signal,
      once: true,
      onBatch: ({ records }) => {
        processed += records;
        report();
      },
    });
  }
  return ingestor.counts;
}

function work(
  { db, log, config, scorer }: PlayOptions,
  run: { signal: AbortSignal; once?: boolean; onBatch: (report: BatchReport) => void },
): Promise<void> {
  return runWorker({
    db,
    log,
    topic: config.KAFKA_TOPIC,
    errorTopic: config.KAFKA_ERROR_TOPIC,
    windowS: config.WINDOW_S,
    graceS: config.WINDOW_GRACE_S,
    // While it plays no partition counts as idle, however slow the machine: lateness must be a fact
    // of the stream. At the end every partition does.
    idleTimeoutS: run.once ? 0 : Infinity,
    scorer,
    tickMs: 200,
    ...run,
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}
