/**
 * The whole pipeline on one machine, from a stream to charts.
 *
 * @module
 */
import { join } from "node:path";
import type { Config } from "../config/config.ts";
import { type Engines, openEngines } from "../ops/engines.ts";
import { JobError } from "../ops/job.ts";
import { normalizeRules, openScorer } from "../ops/rules.ts";
import { print, progressBar } from "../ops/terminal.ts";
import { drawCharts, exportCsv } from "../report/mod.ts";
import { readReportData, runBatch } from "../stats/mod.ts";
import { rescore, streamTotals } from "../stream/mod.ts";
import { claimForDemo } from "./demo_place.ts";
import { type DemoChoice, demoSource } from "./demo_source.ts";
import { play, type PlayProgress } from "./play.ts";
import { type DemoOutcome, renderDemoSummary } from "./summary.ts";

/** Runs the demo and prints its summary; returns early, tidily, when the signal aborts. */
export async function runDemo(
  config: Config,
  { choice, signal }: { choice: DemoChoice; signal: AbortSignal },
): Promise<void> {
  const started = performance.now();
  const demo = await demoSource(choice);
  print(`Mastodon Pulse demo: ${demo.label}`);
  const { engines, dataDir } = await openPlace(config, demo.domain);
  await using opened = engines;
  const { db, log } = opened;
  const scorer = await openScorer(config);
  const before = await streamTotals(db, config.KAFKA_TOPIC);
  const bar = progressBar("Stream ");
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
    onProgress: (state) => bar.update(barState(state, demo.frames)),
  });
  bar.finish();
  if (signal.aborted) {
    print("Stopped. What was processed is kept: the next run goes on from there.");
    return;
  }
  const predicted = await rescore(db, {
    scorer,
    languages: config.SENTIMENT_LANGS,
    windowMs: config.WINDOW_S * 1000,
    signal,
  });
  await runBatch(db, { activityMinToots: config.ACTIVITY_MIN_TOOTS });
  const report = await readReportData(db);
  const files = [
    ...await drawCharts(report, { outDir: config.REPORTS_DIR }),
    ...await exportCsv(report, { outDir: config.REPORTS_DIR }),
  ];
  const outcome: DemoOutcome = {
    counts,
    before,
    totals: await streamTotals(db, config.KAFKA_TOPIC),
    windows: await countWindows(db),
    predicted: predicted.written,
    report,
    files,
    dataDir,
    seconds: (performance.now() - started) / 1000,
  };
  print(renderDemoSummary(outcome));
}

/** Opens a database that the demo may fill; one that holds something else is left alone. */
async function openPlace(
  config: Config,
  source: string,
): Promise<{ engines: Engines; dataDir: string }> {
  const engines = await openEngines(config);
  if (await claimForDemo(engines.db, source)) return { engines, dataDir: config.DATA_DIR };
  await engines[Symbol.asyncDispose]();
  if (config.PG_URL !== null || config.KAFKA_BROKERS !== null) {
    throw new JobError(
      "The database holds other toots, and the demo would mix its own into them: unset PG_URL and " +
        "KAFKA_BROKERS, or point them at empty ones",
    );
  }
  const dataDir = join(config.DATA_DIR, "demo", source);
  print(`${config.DATA_DIR}/pg holds other toots, so this demo keeps its own in ${dataDir}/pg`);
  const own = await openEngines({ ...config, DATA_DIR: dataDir });
  if (await claimForDemo(own.db, source)) return { engines: own, dataDir };
  await own[Symbol.asyncDispose]();
  throw new JobError(`${dataDir}/pg holds other toots: remove that folder and start again`);
}

function barState({ received, processed }: PlayProgress, frames: number) {
  return {
    done: received,
    total: frames,
    note: `frames in, ${processed.toLocaleString("en")} records through the windows`,
  };
}

async function countWindows(db: Engines["db"]): Promise<{ rows: number; final: number }> {
  const [row] = await db.query(
    `SELECT count(*)::int AS rows, (count(*) FILTER (WHERE is_final))::int AS final
     FROM masto.toot_metrics_windowed`,
  );
  return { rows: Number(row?.rows ?? 0), final: Number(row?.final ?? 0) };
}
