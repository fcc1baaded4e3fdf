/**
 * Metrics in Prometheus' format, through npm:prom-client.
 *
 * @module
 */
import { Counter, Gauge, Registry } from "prom-client";
import type { IngestStatus, SourceStatus } from "../ingest/run_ingest.ts";
import { total } from "../ingest/ingest_counts.ts";

/** What a scrape needs to know of its registry. */
export interface MetricsPage {
  readonly contentType: string;
  /** The page, as of now. */
  text(): Promise<string>;
}

/** Labels that tell sources apart. */
const SOURCE = ["instance", "stream"] as const;

/**
 * The metrics of ingest, read from its status at each scrape. No label says anything of a person.
 *
 * @param read the newest status; null before there is one
 * @param now the clock, in ms
 * @example
 * ```ts
 * import { ingestMetrics } from "./metrics.ts";
 * const page = await ingestMetrics(() => null).text();
 * if (!page.includes("# TYPE pulse_ingest_frames_total counter")) throw new Error(page);
 * ```
 */
export function ingestMetrics(
  read: () => IngestStatus | null,
  now: () => number = Date.now,
): MetricsPage {
  const registry = new Registry();
  const sources = () => read()?.sources ?? [];
  const perSource = (
    name: string,
    { help, of }: { help: string; of: (s: SourceStatus) => number },
  ) =>
    new Counter({
      name: `pulse_ingest_${name}`,
      help,
      labelNames: [...SOURCE],
      registers: [registry],
      collect() {
        this.reset();
        for (const source of sources()) this.inc(labelsOf(source), of(source));
      },
    });
  const byName = (
    name: string,
    { help, label, of }: {
      help: string;
      label: string;
      of: (s: SourceStatus) => Iterable<readonly [string, number]>;
    },
  ) =>
    new Counter({
      name: `pulse_ingest_${name}`,
      help,
      labelNames: [...SOURCE, label],
      registers: [registry],
      collect() {
        this.reset();
        for (const source of sources()) {
          for (const [value, n] of of(source)) this.inc({ ...labelsOf(source), [label]: value }, n);
        }
      },
    });
  const age = (
    name: string,
    { help, of }: { help: string; of: (s: SourceStatus) => number | null },
  ) =>
    new Gauge({
      name: `pulse_ingest_${name}`,
      help,
      labelNames: [...SOURCE],
      registers: [registry],
      collect() {
        this.reset();
        for (const source of sources()) {
          const at = of(source);
          if (at !== null) this.set(labelsOf(source), Math.max(0, now() - at) / 1000);
        }
      },
    });
  const gauge = (name: string, { help, of }: { help: string; of: (s: IngestStatus) => number }) =>
    new Gauge({
      name: `pulse_ingest_${name}`,
      help,
      registers: [registry],
      collect() {
        const status = read();
        if (status !== null) this.set(of(status));
      },
    });
  perSource("frames_total", { help: "Frames received", of: ({ counts }) => counts.frames });
  perSource("backfilled_total", {
    help: "Statuses fetched to fill gaps",
    of: ({ counts }) => counts.backfilled,
  });
  perSource("refused_total", {
    help: "Put among the dead letters",
    of: ({ counts }) => total(counts.refused),
  });
  perSource("server_errors_total", {
    help: "Errors sent in band",
    of: ({ counts }) => counts.serverErrors,
  });
  perSource("reconnects_total", {
    help: "Connections after the first",
    of: ({ counts }) => Math.max(0, counts.connects - 1),
  });
  byName("events_total", {
    help: "Events for the log, by type; opt_out: authors who opted out",
    label: "type",
    of: ({ counts }) => counts.events,
  });
  byName("skipped_total", {
    help: "Passed over on purpose, by reason",
    label: "reason",
    of: ({ counts }) => counts.skipped,
  });
  byName("gaps_total", {
    help: "Interruptions, by whether all statuses could be fetched",
    label: "state",
    of: ({ counts }) => [["filled", counts.gapsFilled], ["open", counts.gapsOpen]],
  });
  age("last_event_age_seconds", {
    help: "Time since the last frame",
    of: ({ counts }) => counts.lastFrameMs,
  });
  age("event_lag_seconds", {
    help: "Time since the newest toot was written",
    of: ({ counts }) => counts.newestEventMs,
  });
  new Gauge({
    name: "pulse_ingest_caught_up",
    help: "1 if connected and no interruption is left to be filled",
    labelNames: [...SOURCE],
    registers: [registry],
    collect() {
      this.reset();
      for (const source of sources()) this.set(labelsOf(source), Number(source.counts.caughtUp));
    },
  });
  gauge("queue_entries", { help: "Events in memory", of: ({ pending }) => pending });
  gauge("spool_bytes", { help: "Events on disk", of: ({ spooledBytes }) => spooledBytes });
  gauge("log_up", { help: "1 if the log takes records", of: ({ isLogUp }) => Number(isLogUp) });
  gauge("sources_followed", {
    help: "Streams whose server was reached, and that have not been given up",
    of: ({ sources }) => sources.filter(({ isFollowed }) => isFollowed).length,
  });
  new Gauge({
    name: "pulse_process_resident_memory_bytes",
    help: "Resident memory of the process",
    registers: [registry],
    collect() {
      this.set(Deno.memoryUsage().rss);
    },
  });
  return { contentType: registry.contentType, text: () => registry.metrics() };
}

function labelsOf({ instance, stream }: SourceStatus): { instance: string; stream: string } {
  return { instance, stream };
}
