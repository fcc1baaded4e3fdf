/**
 * `deno task bench`: measures the pipeline on real servers.
 *
 * @module
 */
import { loadavg } from "node:os";
import { type BenchRun, type Figure, renderFigures } from "../mod/bench/bench_report.ts";
import { benchDrain, benchPoison } from "../mod/bench/drain.ts";
import { benchIngest } from "../mod/bench/ingest.ts";
import { benchLatency } from "../mod/bench/latency.ts";
import { startServers } from "../mod/bench/servers.ts";
import { benchStages } from "../mod/bench/stages.ts";
import { DATA_SET } from "../mod/bench/toot_records.ts";
import { integerFlag, JobError, runJob, textFlag } from "../mod/ops/job.ts";
import { print, printError } from "../mod/ops/terminal.ts";
import { replaceFile } from "../mod/report/mod.ts";

const BENCHES = [
  "stages",
  "drain",
  "scored",
  "poison",
  "latency",
  "ingest",
  "long",
  "ingest-long",
];
/** Those that take many minutes run only if they are named. */
const LONG = new Set(["long", "ingest-long"]);

await runJob({
  name: "bench",
  summary: "Measures stages, backlog drain, latency and ingest on Kafka and PostgreSQL of its own.",
  flags: {
    only: { type: "string", value: "NAME,…", help: `Some of ${BENCHES.join(", ")}.` },
    toots: { type: "string", value: "N", help: "Records of a backlog (default 200000)." },
    out: { type: "string", value: "FILE", help: "Also keep the figures as JSON." },
  },
  async run({ config, flags, signal }) {
    const names = textFlag(flags, "only")?.split(",") ?? BENCHES.filter((name) => !LONG.has(name));
    const unknown = names.find((name) => !BENCHES.includes(name));
    if (unknown !== undefined) {
      throw new JobError(`--only holds "${unknown}": it should be some of ${BENCHES.join(", ")}`);
    }
    const toots = integerFlag(flags, {
      name: "toots",
      min: 1000,
      max: 100_000_000,
      fallback: 200_000,
    });
    const loadBefore = loadavg()[0] ?? 0;
    print(`Data set: ${DATA_SET}. Load before: ${loadBefore.toFixed(1)}`);
    const figures: Figure[] = [];
    const add = (found: readonly Figure[]) => {
      print(renderFigures(found));
      figures.push(...found);
    };
    if (names.includes("stages")) add(await benchStages());
    if (names.some((name) => name !== "stages")) {
      await using servers = await startServers();
      const drains = {
        drain: { toots, sentiment: false },
        scored: { toots, sentiment: true },
        long: { toots: toots * 10, sentiment: false },
      };
      for (const [name, options] of Object.entries(drains)) {
        if (signal.aborted || !names.includes(name)) continue;
        add(await benchDrain(servers, { ...options, say: printError }));
      }
      if (names.includes("poison") && !signal.aborted) {
        add(await benchPoison(servers, { toots, say: printError }));
      }
      if (names.includes("latency") && !signal.aborted) {
        add(await benchLatency(servers, { perSecond: 500, seconds: 30 }));
      }
      const ingests = {
        "ingest": [{ events: 60_000, rate: 2000 }, { events: 90_000, rate: 3000 }],
        "ingest-long": [{ events: 500_000, rate: 2000, fifths: true }],
      } as const;
      for (const [name, runs] of Object.entries(ingests)) {
        for (const options of runs) {
          if (signal.aborted || !names.includes(name)) continue;
          add(await benchIngest(servers, { ...options, say: printError }));
        }
      }
    }
    const run: BenchRun = {
      at: new Date().toISOString(),
      deno: Deno.version.deno,
      cpus: navigator.hardwareConcurrency,
      loadBefore,
      dataSet: DATA_SET,
      figures,
    };
    const out = textFlag(flags, "out") ?? `${config.DATA_DIR}/bench.json`;
    await replaceFile(out, [new TextEncoder().encode(JSON.stringify(run, null, 2) + "\n")]);
    print(`Kept in ${out}`);
  },
});
