/**
 * A stream worker in a process of its own, which tests can have die or freeze at a chosen moment.
 *
 * @module
 */
import { z } from "zod";
import { patient } from "../db/outage.ts";
import { openKafkaLog } from "../log/kafka_log.ts";
import { type RunningProcess, startProcess } from "../testing/mod.ts";
import { advanceFinality } from "../stream/finality.ts";
import { runWorker } from "../stream/mod.ts";
import { GRACE_S, WINDOW_S } from "./_batch.ts";
import { FREEZE_MOMENTS, FreezeSwitch } from "./_freeze_switch.ts";
import { KillSwitch, MOMENTS } from "./_kill_switch.ts";
import { openAt } from "./_rig.ts";
import { plainScorer } from "./_scorer.ts";

const optionsShape = z.object({
  bootstrap: z.string(),
  url: z.string(),
  topic: z.string(),
  errorTopic: z.string(),
  group: z.string(),
  maxBatchRecords: z.number(),
  once: z.boolean(),
  sessionTimeoutMs: z.number(),
  kill: z.object({
    moment: z.enum(MOMENTS),
    batch: z.number(),
    statement: z.number(),
  }).nullable(),
  freeze: z.object({ batch: z.number(), moment: z.enum(FREEZE_MOMENTS) })
    .nullable(),
});

/** How a worker is run. */
export type WorkerProcessOptions = z.output<typeof optionsShape>;

/** Starts a worker. */
export function startWorkerProcess(options: WorkerProcessOptions): RunningProcess {
  const script = decodeURIComponent(new URL(import.meta.url).pathname);
  return startProcess([Deno.execPath(), "run", "-A", "--no-lock", script, JSON.stringify(options)]);
}

async function main(options: WorkerProcessOptions): Promise<void> {
  const stop = new AbortController();
  Deno.addSignalListener("SIGTERM", () => stop.abort());
  const { bootstrap, url, topic, group, kill, freeze, sessionTimeoutMs } = options;
  const say = (line: string) => void Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
  const killSwitch = kill === null ? null : new KillSwitch(kill);
  await using opened = new AsyncDisposableStack();
  const db = patient(opened.use(openAt(url)), {
    signal: stop.signal,
    log: (level, message) => say(`${level} ${message}`),
  });
  const finality = () => (
    advanceFinality(db, { group, topic, graceMs: GRACE_S * 1000, windowMs: WINDOW_S * 1000 })
  );
  const freezeSwitch = freeze === null
    ? null
    : new FreezeSwitch({ ...freeze, finality, watch: opened.use(openAt(url)), say });
  const log = opened.use(
    await openKafkaLog({
      brokers: [bootstrap],
      sessionTimeoutMs,
      log: (level, message) => say(`${level} ${message}`),
    }),
  );
  await runWorker({
    db: freezeSwitch?.database(db) ?? killSwitch?.database(db) ?? db,
    log: freezeSwitch?.log(log) ?? killSwitch?.log(log) ?? log,
    topic,
    errorTopic: options.errorTopic,
    group,
    windowS: WINDOW_S,
    graceS: GRACE_S,
    idleTimeoutS: 3600,
    scorer: plainScorer,
    once: options.once,
    maxBatchRecords: options.maxBatchRecords,
    tickMs: 200,
    signal: stop.signal,
    onBatch: ({ partition, nextOffset }) => say(`done ${partition} ${nextOffset}`),
  });
}

if (import.meta.main) await main(optionsShape.parse(JSON.parse(Deno.args[0] ?? "")));
