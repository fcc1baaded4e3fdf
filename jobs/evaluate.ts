/** `deno task evaluate`: how good a model is on a file of labelled posts. */
import { type JobContext, JobError, runJob, textFlag } from "../mod/ops/job.ts";
import { print, progressBar } from "../mod/ops/terminal.ts";
import {
  evaluateFile,
  evaluationLines,
  findModel,
  loadModel,
  type ThreeClassEvaluation,
} from "../mod/sentiment/mod.ts";

if (import.meta.main) {
  await runJob({
    name: "evaluate",
    summary: "Measures a sentiment model on a csv file of labelled posts.",
    flags: {
      data: {
        type: "string",
        value: "FILE",
        help: "Sentiment140's six columns, or a header with label and text.",
      },
      model: {
        type: "string",
        value: "DIR",
        help: "The model. Default: MODEL_DIR, or the shipped.",
      },
    },
    run: runEvaluation,
  });
}

async function runEvaluation({ config, flags, signal }: JobContext): Promise<void> {
  const data = textFlag(flags, "data");
  if (data === null) throw new JobError("No data to measure on: pass --data with a csv file");
  const dir = textFlag(flags, "model");
  const { model } = dir === null
    ? await findModel({ modelDir: config.MODEL_DIR })
    : await loadModel(dir);
  const thresholds = { low: config.NEUTRAL_LOW, high: config.NEUTRAL_HIGH };
  const bar = progressBar("Evaluate");
  try {
    const { binary, threeClass, skipped } = await evaluateFile(data, {
      scorer: model,
      thresholds,
      signal,
      onProgress: (rows) => bar.update({ done: rows, total: null, note: "rows" }),
    });
    bar.finish();
    print(`Model: ${model.version}`);
    if (skipped > 0) print(`Left out: ${skipped} rows without label or text`);
    if (threeClass !== undefined) printThree(threeClass, thresholds);
    for (const line of evaluationLines(binary)) print(line);
  } catch (error) {
    bar.finish();
    if (!signal.aborted) throw error;
    print("Stopped before the end");
  }
}

function printThree(
  report: ThreeClassEvaluation,
  { low, high }: { readonly low: number; readonly high: number },
): void {
  print(`Three classes, neutral between ${low} and ${high}: ${report.rows} rows`);
  print(`  Average recall: ${report.averageRecall.toFixed(4)}`);
  print(`  Macro F1: ${report.macroF1.toFixed(4)}`);
  print("Positive against negative:");
}
