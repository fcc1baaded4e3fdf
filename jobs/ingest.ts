/**
 * `deno task ingest`: follows Mastodon servers and writes their events to the log.
 *
 * Its task has V8 collect garbage when the heap has grown by 40%: left alone, what it keeps (50
 * MiB) stands in 200 MiB of heap, for no gain in speed at such rates.
 *
 * @module
 */
import { playedSource } from "../mod/demo/demo_place.ts";
import { type IngestCounts, total } from "../mod/ingest/ingest_counts.ts";
import { ingestIsLive, ingestIsReady } from "../mod/ingest/ingest_health.ts";
import { type IngestStatus, runIngest } from "../mod/ingest/run_ingest.ts";
import { ingestSources } from "../mod/ingest/sources.ts";
import { Spool } from "../mod/ingest/spool.ts";
import { followEventStream } from "../mod/mastodon/event_stream.ts";
import { followStream } from "../mod/mastodon/live_stream.ts";
import { openEngines } from "../mod/ops/engines.ts";
import { startHealthServer } from "../mod/ops/health_server.ts";
import { JobError, runJob } from "../mod/ops/job.ts";
import { loggerOf } from "../mod/ops/logging.ts";
import { ingestMetrics } from "../mod/ops/metrics.ts";
import { normalizeRules } from "../mod/ops/rules.ts";
import { print, progressBar } from "../mod/ops/terminal.ts";

await runJob({
  name: "ingest",
  summary: "Follows MASTODON_STREAM of MASTODON_BASE_URL and writes its events to the log.",
  async run({ config, signal }) {
    const sources = await ingestSources(config);
    const rules = await normalizeRules(config);
    await using engines = await openEngines(config);
    await using spool = await Spool.open(`${config.DATA_DIR}/spool`, {
      maxBytes: config.SPOOL_MAX_MB * 1_000_000,
    });
    const logger = loggerOf("ingest");
    const bar = progressBar("Ingest ");
    let newest: IngestStatus | null = null;
    let newestMs = Date.now();
    const stallMs = config.STALL_S * 1000;
    await using page = config.METRICS_PORT === null ? null : startHealthServer({
      port: config.METRICS_PORT,
      metrics: ingestMetrics(() => newest),
      live: () => ingestIsLive(newestMs, Date.now()),
      ready: () => ingestIsReady(newest, { stallMs, now: Date.now() }),
    });
    if (page !== null) logger.info(`Metrics and health at http://127.0.0.1:${page.port}`);
    const { status, failures } = await runIngest({
      sources,
      log: engines.log,
      db: engines.db,
      topic: config.KAFKA_TOPIC,
      errorTopic: config.KAFKA_ERROR_TOPIC,
      rules,
      spool,
      follow: config.MASTODON_TRANSPORT === "sse" ? followEventStream : followStream,
      stallMs,
      overlapMs: config.GAP_OVERLAP_S * 1000,
      maxFill: config.GAP_FILL_MAX,
      admit: async ({ instance }) => {
        const demo = await playedSource(engines.db);
        if (demo === null || demo === instance) return null;
        return new JobError(
          `The database holds the demo's toots (${demo}): remove ${config.DATA_DIR}/pg or set ` +
            "DATA_DIR or PG_URL to another place before you follow a real server",
        );
      },
      say: (level, line) => {
        // Braces would be taken for places to fill.
        const text = line.replaceAll("{", "{{").replaceAll("}", "}}");
        if (level === "warn") logger.warn(text);
        else logger.info(text);
      },
      onStatus: (status) => {
        newest = status;
        newestMs = Date.now();
        bar.update({ done: frames(status), total: null, note: noteOf(status) });
      },
      signal,
    });
    bar.finish();
    const events = sum(status, (counts) => total(counts.events));
    print(`Ingest stopped: ${events} events of ${frames(status)} frames are in the log`);
    if (failures.length > 0) throw new JobError(failures.map(({ message }) => message).join("; "));
  },
});

function sum({ sources }: IngestStatus, of: (counts: IngestCounts) => number): number {
  return sources.reduce((all, { counts }) => all + of(counts), 0);
}

function frames(status: IngestStatus): number {
  return sum(status, (counts) => counts.frames);
}

function noteOf(status: IngestStatus): string {
  const skipped = sum(status, (counts) => total(counts.skipped));
  const refused = sum(status, (counts) => total(counts.refused));
  return `frames, ${skipped} skipped, ${refused} refused, ${status.pending} waiting`;
}
