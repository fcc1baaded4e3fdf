/** `deno task charts`: draws the results of the batch analysis. */
import { openDatabase } from "../mod/ops/engines.ts";
import { integerFlag, type JobContext, JobError, runJob, textFlag } from "../mod/ops/job.ts";
import { print } from "../mod/ops/terminal.ts";
import { CHARTS, drawCharts } from "../mod/report/mod.ts";
import { ensureReport } from "../mod/stats/mod.ts";

if (import.meta.main) {
  await runJob({
    name: "charts",
    summary: "Draws the results of the newest batch as .svg and .png (runs it if it never ran).",
    flags: {
      out: { type: "string", value: "DIR", help: "Where they go (REPORTS_DIR)." },
      only: { type: "string", value: "NAMES", help: "Some of them, separated by commas." },
      "min-authors": {
        type: "string",
        value: "N",
        help: "Hold back groups of fewer authors (5).",
      },
    },
    run: draw,
  });
}

async function draw({ config, flags, signal }: JobContext): Promise<void> {
  const names = textFlag(flags, "only")?.split(",").map((name) => name.trim()) ??
    Object.keys(CHARTS);
  const unknown = names.find((name) => !Object.hasOwn(CHARTS, name));
  if (unknown !== undefined) {
    const known = Object.keys(CHARTS).join(", ");
    throw new JobError(`--only holds "${unknown}": it should be some of ${known}`);
  }
  const minAuthors = integerFlag(flags, { name: "min-authors", min: 1, max: 1e6, fallback: 5 });
  await using db = await openDatabase(config);
  const report = await ensureReport(db, {
    minAuthors,
    activityMinToots: config.ACTIVITY_MIN_TOOTS,
  });
  for (const name of names) {
    if (signal.aborted) return print("Stopped: the files above are whole");
    await drawCharts(report, {
      outDir: textFlag(flags, "out") ?? config.REPORTS_DIR,
      names: [name],
      onFile: print,
    });
  }
}
