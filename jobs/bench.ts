/**
 * `deno task bench`: measures the pipeline on real servers.
 *
 * @module
 */
import { loadavg } from "node:os";
import { type BenchRun, type Figure, renderFigures } from "../mod/bench/bench_report.ts";
import { benchDrain, benchPoison } from "../mod/bench/drain.ts";
import { benchLatency } from "../mod/bench/latency.ts";
import { startServers } from "../mod/bench/servers.ts";
import { benchStages } from "../mod/bench/stages.ts";
import { DATA_SET } from "../mod/bench/toot_records.ts";
import { integerFlag, JobError, runJob, textFlag } from "../mod/ops/job.ts";
import { print, printError } from "../mod/ops/terminal.ts";
import { replaceFile } from "../mod/report/mod.ts";

const BENCHES = ["stages", "drain", "scored", "poison", "latency", "long"];

await runJob({
  name: "bench",
  summary: "Measures stages, backlog drain and latency on a Kafka and a PostgreSQL of its own.",
  flags: {
    only: { type: "string", value: "NAME,…", help: `Some of ${BENCHES.join(", ")}.` },
    toots: { type: "string", value: "N", help: "Records of a backlog (default 200000)." },
    out: { type: "string", value: "FILE", help: "Also keep the figures as JSON." },
  },
  async run({ config, flags, signal }) {
    const names = textFlag(flags, "only")?.split(",") ?? BENCHES.filter((name) => name !== "long");
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
