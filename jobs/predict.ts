/** `deno task predict`: scores stored toots, a file, or one text. */
import { openDatabase } from "../mod/ops/engines.ts";
import { runJob } from "../mod/ops/job.ts";
import { openScorer } from "../mod/ops/rules.ts";
import { print, progressBar } from "../mod/ops/terminal.ts";
import { rescore } from "../mod/stream/mod.ts";
import type { Config } from "../mod/config/config.ts";

await runJob({
  name: "predict",
  summary: "Scores the stored toots that have no prediction, or one of an older model.",
  flags: {},
  async run({ config, signal }) {
    await predictStored(config, signal);
  },
});

async function predictStored(config: Config, signal: AbortSignal): Promise<void> {
  const scorer = await openScorer(config);
  await using db = await openDatabase(config);
  const bar = progressBar("Predict ");
  const result = await rescore(db, {
    scorer,
    languages: config.SENTIMENT_LANGS,
    windowMs: config.WINDOW_S * 1000,
    signal,
    onProgress: ({ looked, total, written }) =>
      bar.update({ done: looked, total, note: `toots, ${written} scored` }),
  });
  bar.finish();
  const skipped = [...result.skipped].map(([lang, n]) => `${lang} ${n}`).join(", ");
  if (skipped !== "") print(`Other languages, not scored: ${skipped}`);
  if (result.unrecognised > 0) {
    print(`Of unknown language and not recognised as one that is scored: ${result.unrecognised}`);
  }
  print(`Batch prediction finished: ${result.written} toots written to masto.toots_sentiment`);
}
