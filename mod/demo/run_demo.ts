/**
 * The whole pipeline on one machine, from a stream to charts.
 *
 * @module
 */
import { join } from "node:path";
import type { Config } from "../config/config.ts";
import { type Engines, openEngines } from "../ops/engines.ts";
import { JobError } from "../ops/job.ts";
import { print, progressBar } from "../ops/terminal.ts";
import { demoOutcome } from "./demo_outcome.ts";
import { claimForDemo } from "./demo_place.ts";
import { type DemoChoice, demoSource } from "./demo_source.ts";
import type { PlayProgress } from "./play.ts";
import { renderDemoSummary } from "./summary.ts";

/** Runs the demo and prints its summary; returns early, tidily, when the signal aborts. */
export async function runDemo(
  config: Config,
  { choice, signal }: { choice: DemoChoice; signal: AbortSignal },
): Promise<void> {
  const started = performance.now();
  const demo = await demoSource(choice);
  print(`Mastodon Pulse demo: ${demo.label}`);
  // Said now rather than after all the work, if nothing may be written there.
  await Deno.mkdir(config.REPORTS_DIR, { recursive: true });
  const { engines, dataDir } = await openPlace(config, demo.domain);
  await using opened = engines;
  const bar = progressBar("Stream ");
  const outcome = await demoOutcome(opened, {
    config,
    demo,
    signal,
    onProgress: (state) => bar.update(barState(state, demo.frames)),
    onPlayed: () => bar.finish(),
  });
  if (outcome === null) {
    print("Stopped. What was processed is kept: the next run goes on from there.");
    return;
  }
  const seconds = (performance.now() - started) / 1000;
  print(renderDemoSummary({ ...outcome, dataDir, reportsDir: config.REPORTS_DIR, seconds }));
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
