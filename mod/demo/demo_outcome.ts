/**
 * What the demo does once it has a database: plays the stream, analyses what it left, writes files.
 *
 * @module
 */
import type { Config } from "../config/config.ts";
import type { Database } from "../db/database.ts";
import type { Engines } from "../ops/engines.ts";
import { normalizeRules, openScorer } from "../ops/rules.ts";
import { drawCharts, exportCsv } from "../report/mod.ts";
import { readReportData, runBatch } from "../stats/mod.ts";
import { rescore, streamTotals } from "../stream/mod.ts";
import type { DemoSource } from "./demo_source.ts";
import { play, type PlayProgress } from "./play.ts";
import type { DemoOutcome } from "./summary.ts";

/** What is played, under which settings. */
export interface OutcomeOptions {
  readonly config: Config;
  readonly demo: DemoSource;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: PlayProgress) => void;
  /** Hears that nothing more will come through the socket. */
  readonly onPlayed?: () => void;
}

/** Plays a stream into a database and analyses it; null if the signal aborted. */
export async function demoOutcome(
  { db, log }: Pick<Engines, "db" | "log">,
  { config, demo, signal, onProgress, onPlayed }: OutcomeOptions,
): Promise<Omit<DemoOutcome, "dataDir" | "reportsDir" | "seconds"> | null> {
  if (signal.aborted) return null;
  const scorer = await openScorer(config, db);
  const before = await streamTotals(db, config.KAFKA_TOPIC);
  const counts = await play({
    demo,
    db,
    log,
    config,
    // Without a key of their own the authors, who are made up, are named by a fixed one: runs agree.
    rules: await normalizeRules({
      ...config,
      PSEUDONYM_KEY: config.PSEUDONYM_KEY ?? "the demo's authors are made up",
    }),
    scorer,
    signal,
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  onPlayed?.();
  if (signal.aborted) return null;
  const predicted = await rescore(db, {
    scorer,
    languages: config.SENTIMENT_LANGS,
    signal,
  });
  if (signal.aborted) return null;
  await runBatch(db, { activityMinToots: config.ACTIVITY_MIN_TOOTS });
  const report = await readReportData(db);
  if (signal.aborted) return null;
  const files = [
    ...await drawCharts(report, { outDir: config.REPORTS_DIR }),
    ...await exportCsv(report, { outDir: config.REPORTS_DIR }),
  ];
  return {
    counts,
    before,
    totals: await streamTotals(db, config.KAFKA_TOPIC),
    windows: await countWindows(db),
    predicted: predicted.written,
    report,
    files,
  };
}

async function countWindows(db: Database): Promise<{ rows: number; final: number }> {
  const [row] = await db.query(
    `SELECT count(*)::int AS rows, (count(*) FILTER (WHERE is_final))::int AS final
     FROM masto.toot_metrics_windowed`,
  );
  return { rows: Number(row?.rows ?? 0), final: Number(row?.final ?? 0) };
}
