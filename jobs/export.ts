/** `deno task export`: writes the results of the batch analysis as CSV. */
import { openDatabase } from "../mod/ops/engines.ts";
import { integerFlag, type JobContext, JobError, runJob, textFlag } from "../mod/ops/job.ts";
import { print } from "../mod/ops/terminal.ts";
import { exportAuthors, exportCsv, TABLES } from "../mod/report/mod.ts";
import { ensureReport } from "../mod/stats/mod.ts";

if (import.meta.main) {
  await runJob({
    name: "export",
    summary: "Writes the results of the newest batch as .csv (runs it if it never ran).",
    flags: {
      out: { type: "string", value: "DIR", help: "Where they go (REPORTS_DIR)." },
      only: { type: "string", value: "NAMES", help: "Some of them, separated by commas." },
      "min-authors": {
        type: "string",
        value: "N",
        help: "Hold back groups of fewer authors (5).",
      },
      limit: { type: "string", value: "N", help: "At most so many hashtags and pairs (10000)." },
      authors: {
        type: "boolean",
        help: "Also active_authors.csv: single people's numbers, not for publication.",
      },
    },
    run: runExport,
  });
}

async function runExport({ config, flags, signal }: JobContext): Promise<void> {
  const outDir = textFlag(flags, "out") ?? config.REPORTS_DIR;
  const names = textFlag(flags, "only")?.split(",").map((name) => name.trim()) ??
    Object.keys(TABLES);
  const unknown = names.find((name) => !Object.hasOwn(TABLES, name));
  if (unknown !== undefined) {
    const known = Object.keys(TABLES).join(", ");
    throw new JobError(`--only holds "${unknown}": it should be some of ${known}`);
  }
  const minAuthors = integerFlag(flags, { name: "min-authors", min: 1, max: 1e6, fallback: 5 });
  const limit = integerFlag(flags, { name: "limit", min: 1, max: 1e7, fallback: 10_000 });
  await using db = await openDatabase(config);
  const report = await ensureReport(db, {
    minAuthors,
    limit,
    activityMinToots: config.ACTIVITY_MIN_TOOTS,
  });
  for (const name of names) {
    if (signal.aborted) return print("Stopped: the files above are whole");
    await exportCsv(report, { outDir, names: [name], onFile: print });
  }
  if (flags["authors"] === true) print(await exportAuthors(db, { outDir }));
}
