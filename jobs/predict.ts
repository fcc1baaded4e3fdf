/**
 * `deno task predict`: scores stored toots, a file, or one text.
 *
 * @module
 */
import type { Config } from "../mod/config/config.ts";
import { htmlToText } from "../mod/mastodon/text.ts";
import { openDatabase } from "../mod/ops/engines.ts";
import { JobError, runJob, textFlag } from "../mod/ops/job.ts";
import { openScorer } from "../mod/ops/rules.ts";
import { print, progressBar } from "../mod/ops/terminal.ts";
import {
  explain,
  explanationLines,
  findModel,
  labelOf,
  scoreFile,
  type Thresholds,
} from "../mod/sentiment/mod.ts";
import { rescore } from "../mod/stream/mod.ts";

await runJob({
  name: "predict",
  summary: "Scores the stored toots that have no prediction, or one of an older model.",
  flags: {
    text: { type: "string", value: "TEXT", help: "Scores this text instead, and tells why." },
    input: { type: "string", value: "FILE", help: "Scores a csv or JSONL file instead …" },
    output: { type: "string", value: "FILE", help: "… into this file." },
    column: { type: "string", value: "NAME", help: "Column of the text (found by itself)." },
  },
  async run({ config, flags, signal }) {
    const text = textFlag(flags, "text");
    const input = textFlag(flags, "input");
    const output = textFlag(flags, "output");
    if ((input === null) !== (output === null)) {
      throw new JobError("--input and --output go together: give both");
    }
    if (text !== null && input !== null) throw new JobError("Give either --text or --input");
    if (text !== null) await predictText(config, text);
    else if (input !== null && output !== null) {
      await predictFile(config, { input, output, column: textFlag(flags, "column"), signal });
    } else await predictStored(config, signal);
  },
});

async function predictText(config: Config, text: string): Promise<void> {
  const { model } = await findModel({ modelDir: config.MODEL_DIR });
  const explanation = explain(model, text);
  const label = labelOf(explanation.probability, thresholdsOf(config));
  for (const line of explanationLines(explanation, label)) print(line);
}

async function predictFile(
  config: Config,
  { input, output, column, signal }: {
    input: string;
    output: string;
    column: string | null;
    signal: AbortSignal;
  },
): Promise<void> {
  const { model } = await findModel({ modelDir: config.MODEL_DIR });
  const bar = progressBar("Predict ");
  const { rows, scored, empty, malformed } = await scoreFile({
    input,
    output,
    scorer: model,
    thresholds: thresholdsOf(config),
    ...(column === null ? {} : { column }),
    htmlToText,
    onProgress: (done) => bar.update({ done, total: null, note: "rows" }),
    signal,
  });
  bar.finish();
  if (malformed > 0) print(`${malformed} lines hold no record and were left out`);
  print(`${scored} of ${rows} rows scored (${empty} without text), written to ${output}`);
}

async function predictStored(config: Config, signal: AbortSignal): Promise<void> {
  await using db = await openDatabase(config);
  const scorer = await openScorer(config, db);
  const bar = progressBar("Predict ");
  const result = await rescore(db, {
    scorer,
    languages: config.SENTIMENT_LANGS,
    signal,
    onProgress: ({ looked, total, written }) =>
      bar.update({ done: looked, total, note: `toots, ${written} scored` }),
  });
  bar.finish();
  if (signal.aborted) {
    print(`Stopped: ${result.written} toots are scored, and the next run goes on from there`);
    return;
  }
  const skipped = [...result.skipped].map(([lang, n]) => `${lang} ${n}`).join(", ");
  if (skipped !== "") print(`Other languages, not scored: ${skipped}`);
  if (result.unrecognised > 0) {
    print(`Of unknown language and not recognised as one that is scored: ${result.unrecognised}`);
  }
  print(`Batch prediction finished: ${result.written} toots written to masto.toots_sentiment`);
}

function thresholdsOf({ NEUTRAL_LOW, NEUTRAL_HIGH }: Config): Thresholds {
  return { low: NEUTRAL_LOW, high: NEUTRAL_HIGH };
}
