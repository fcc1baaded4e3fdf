/** `deno task train`: labelled rows → a sentiment model in MODEL_DIR. */
import { type JobContext, JobError, runJob, textFlag } from "../mod/ops/job.ts";
import { print, progressBar } from "../mod/ops/terminal.ts";
import {
  evaluationLines,
  presetOf,
  type SplitKind,
  trainFiles,
  type TrainFilesOptions,
  type TrainFilesResult,
} from "../mod/sentiment/mod.ts";

if (import.meta.main) {
  await runJob({
    name: "train",
    summary: "Trains a sentiment model on csv files of labelled posts and measures it.",
    flags: {
      data: { type: "string", value: "FILE,…", help: "Rows to train on. Default: DATA_PATH." },
      human: { type: "string", value: "FILE,…", help: "Rows labelled by people, weighted higher." },
      "human-weight": {
        type: "string",
        value: "N",
        help: "What such a row weighs. Default: 6.",
      },
      test: { type: "string", value: "FILE", help: "Rows to measure on and never to train on." },
      preset: {
        type: "string",
        value: "NAME",
        help: "best (default), or classic: the original Spark pipeline.",
      },
      seed: { type: "string", value: "N", help: "Same seed, same model. Default: 1." },
      split: {
        type: "string",
        value: "KIND",
        help: "Keep a fifth for validation by random (default), user or time.",
      },
      "validation-ids": {
        type: "string",
        value: "FILE",
        help: "Keep a fixed fifth of the rows with these ids for validation instead.",
      },
      out: { type: "string", value: "DIR", help: "Where to write the model. Default: MODEL_DIR." },
    },
    run: runTraining,
  });
}

async function runTraining({ config, flags, signal }: JobContext): Promise<void> {
  const data = paths(textFlag(flags, "data") ?? config.DATA_PATH);
  const human = paths(textFlag(flags, "human"));
  if (data.length + human.length === 0) {
    throw new JobError(
      "No data to train on: set DATA_PATH or pass --data with Sentiment140's csv file",
    );
  }
  const out = textFlag(flags, "out") ?? config.MODEL_DIR;
  const [test, validationIds] = [textFlag(flags, "test"), textFlag(flags, "validation-ids")];
  const bar = progressBar("Train");
  const options: TrainFilesOptions = {
    data,
    human,
    humanWeight: numberFlag(flags, "human-weight", 6),
    ...(test === null ? {} : { test }),
    ...(validationIds === null ? {} : { validationIds }),
    split: splitKind(textFlag(flags, "split") ?? "random"),
    preset: presetOf(textFlag(flags, "preset") ?? "best"),
    seed: numberFlag(flags, "seed", 1),
    out,
    thresholds: { low: config.NEUTRAL_LOW, high: config.NEUTRAL_HIGH },
    trainedAt: new Date().toISOString(),
    signal,
    onProgress: ({ pass, passes, done, rows, loss, validationAuc }) => {
      const measures = [
        ...(loss === undefined ? [] : [`loss ${loss.toFixed(4)}`]),
        ...(validationAuc === undefined ? [] : [`validation AUC ${validationAuc.toFixed(4)}`]),
      ];
      const note = pass === 0 ? "counting features" : `pass ${pass} of ${passes}`;
      const steps = (passes + 1) * rows;
      bar.update({ done: pass * rows + done, total: steps, note: [note, ...measures].join(", ") });
    },
  };
  try {
    const result = await trainFiles(options);
    bar.finish();
    report(result, out);
  } catch (error) {
    bar.finish();
    if (!signal.aborted) throw error;
    print("Stopped before the end: no model was written");
  }
}

function report(result: TrainFilesResult, out: string): void {
  const { rows, fitMs, trained, test, validation } = result;
  print(`Trained on ${rows.trained} rows in ${(fitMs / 1000).toFixed(1)} s, reading included`);
  print(
    `Left out: ${rows.duplicates} duplicates, ${rows.excluded} rows of the test file, ` +
      `${rows.skipped} without label or text`,
  );
  print(`Model: ${trained.model.version}`);
  if (test !== undefined) {
    print("On the test file:");
    for (const line of evaluationLines(test)) print(`  ${line}`);
  }
  const lines = evaluationLines(validation);
  print("On the validation rows:");
  for (const line of lines.slice(0, -3)) print(line);
  print(`Model saved in ${out}`);
  for (const line of lines.slice(-3)) print(line);
}

function paths(list: string | null): string[] {
  return (list ?? "").split(",").map((path) => path.trim()).filter((path) => path !== "");
}

function splitKind(name: string): SplitKind {
  if (name === "random" || name === "user" || name === "time") return name;
  throw new JobError(`--split holds "${name}": it should be random, user or time`);
}

function numberFlag(flags: JobContext["flags"], name: string, fallback: number): number {
  const text = textFlag(flags, name);
  if (text === null) return fallback;
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && value < 2 ** 31) return value;
  throw new JobError(`--${name} holds "${text}": it should be a number from 0`);
}
