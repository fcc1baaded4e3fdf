/** `deno task batch`: analyses a range of time and says what it found. */
import { openDatabase } from "../mod/ops/engines.ts";
import { type JobContext, JobError, runJob, textFlag } from "../mod/ops/job.ts";
import { print, progressBar } from "../mod/ops/terminal.ts";
import { parseTime, readReportData, renderSummary, runBatch } from "../mod/stats/mod.ts";

/** Steps that the bar counts: loading, and one per table. */
const STEPS = 8;

if (import.meta.main) {
  await runJob({
    name: "batch",
    summary: "Analyses the toots of a range of time and stores the results in masto.batch_*.",
    flags: {
      from: { type: "string", value: "TIME", help: "Start, such as 2026-01-05 (the first toot)." },
      to: { type: "string", value: "TIME", help: "End, exclusive (after the last toot)." },
    },
    run: runAnalysis,
  });
}

async function runAnalysis({ config, flags, signal }: JobContext): Promise<void> {
  const [from, to] = [timeFlag(flags, "from"), timeFlag(flags, "to")];
  if (from !== undefined && to !== undefined && to <= from) {
    throw new JobError(`--to holds "${flags["to"]}": it should be after --from`);
  }
  await using db = await openDatabase(config);
  const bar = progressBar("Batch");
  let done = 0;
  try {
    await runBatch(db, {
      from,
      to,
      activityMinToots: config.ACTIVITY_MIN_TOOTS,
      signal,
      log: (line) => bar.update({ done: done++, total: STEPS, note: line }),
    });
  } catch (error) {
    bar.finish();
    if (!signal.aborted) throw error;
    print("Stopped: the results of the run before are kept");
    return;
  }
  bar.update({ done: STEPS, total: STEPS, note: "done" });
  bar.finish();
  print(renderSummary(await readReportData(db)));
}

function timeFlag(flags: JobContext["flags"], name: string): Date | undefined {
  const text = textFlag(flags, name);
  if (text === null) return undefined;
  const time = parseTime(text);
  if (time !== null) return time;
  throw new JobError(
    `--${name} holds "${text}": it should be a day such as 2026-01-05, or a time such as ` +
      "2026-01-05T10:30Z",
  );
}
