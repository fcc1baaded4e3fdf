/**
 * `deno task errors`: shows dead letters, and feeds them again after a repair.
 *
 * @module
 */
import { letterJson, letterLines, replayLines } from "../mod/log/dead_letter_list.ts";
import { type LetterFilter, letterId, readDeadLetters } from "../mod/log/dead_letter_reader.ts";
import { replayDeadLetters } from "../mod/log/dead_letter_replay.ts";
import { letterKey, replayStates } from "../mod/log/replayed_letters.ts";
import { openEngines } from "../mod/ops/engines.ts";
import { integerFlag, type JobContext, JobError, runJob, textFlag } from "../mod/ops/job.ts";
import { normalizeRules } from "../mod/ops/rules.ts";
import { print, printError, progressBar } from "../mod/ops/terminal.ts";
import { parseSince } from "../mod/log/since.ts";

const DAY_MS = 86_400_000;
const SHOWN = 20;

await runJob({
  name: "errors",
  summary:
    "Shows what could not be used, newest first; with --replay feeds it again after a repair.",
  flags: {
    reason: { type: "string", value: "TEXT", help: "Those whose reason contains this." },
    stage: { type: "string", value: "STAGE", help: "Those that ingest or stream refused." },
    since: {
      type: "string",
      value: "TIME",
      help: "Those since 2026-01-05, or of the last 90m, 36h, 7d.",
    },
    limit: { type: "string", value: "N", help: `Most letters (${SHOWN}; with --replay all).` },
    json: { type: "boolean", help: "One line of JSON for each, with its whole payload." },
    replay: {
      type: "boolean",
      help: "Feed those of the last TOMBSTONE_DAYS (or since --since) again, each once.",
    },
    again: { type: "boolean", help: "With --replay: also those that were fed before." },
  },
  async run(context) {
    const { config, flags } = context;
    const stage = textFlag(flags, "stage");
    if (stage !== null && stage !== "ingest" && stage !== "stream") {
      throw new JobError(`--stage holds "${stage}": it should be ingest or stream`);
    }
    const reason = textFlag(flags, "reason");
    const sinceMs = sinceFlag(flags);
    const filter: LetterFilter = {
      ...(reason === null ? {} : { reason }),
      ...(stage === null ? {} : { stage }),
      ...(sinceMs === null ? {} : { sinceMs }),
    };
    if (flags.again === true && flags.replay !== true) {
      throw new JobError("--again is of use with --replay only: add it");
    }
    await using engines = await openEngines(config);
    if (flags.replay === true) await replay(context, { filter, ...engines });
    else await list(context, { filter, ...engines });
  },
});

type Wired =
  & { readonly filter: LetterFilter }
  & Pick<
    Awaited<ReturnType<typeof openEngines>>,
    "db" | "log"
  >;

async function list({ config, flags, signal }: JobContext, { filter, db, log }: Wired) {
  const errorTopic = config.KAFKA_ERROR_TOPIC;
  const limit = integerFlag(flags, { name: "limit", min: 1, max: 1e9, fallback: SHOWN });
  const show = flags.json === true
    ? (...letter: Parameters<typeof letterJson>) => [letterJson(...letter)]
    : letterLines;
  let shown = 0;
  for await (const letter of readDeadLetters(log, errorTopic, { ...filter, order: "newest" })) {
    if (signal.aborted || shown++ >= limit) break;
    const id = letterId(letter, errorTopic);
    const state = (await replayStates(db, [id])).get(letterKey(id)) ?? "new";
    for (const line of show(letter, state)) print(line);
  }
  if (shown === 0) printError("No dead letters match");
  if (shown > limit) printError(`Only the newest ${limit} are shown: --limit shows more`);
}

async function replay({ config, flags, signal }: JobContext, { filter, db, log }: Wired) {
  const limit = integerFlag(flags, { name: "limit", min: 1, max: 1e9, fallback: 1e9 });
  // Before that, the delete of a toot may have been forgotten that would come back to life here.
  const sinceMs = filter.sinceMs ?? Date.now() - config.TOMBSTONE_DAYS * DAY_MS;
  const bar = progressBar("Replay");
  const report = await replayDeadLetters({
    log,
    sql: db,
    topic: config.KAFKA_TOPIC,
    errorTopic: config.KAFKA_ERROR_TOPIC,
    rules: await normalizeRules(config),
    filter: { ...filter, sinceMs },
    limit,
    again: flags.again === true,
    signal,
    onProgress: (done) => bar.update({ done, total: null, note: "letters" }),
  });
  bar.finish();
  for (const line of replayLines(report)) print(line);
}

function sinceFlag(flags: JobContext["flags"]): number | null {
  const text = textFlag(flags, "since");
  if (text === null) return null;
  const since = parseSince(text, Date.now());
  if (since !== null) return since;
  throw new JobError(
    `--since holds "${text}": it should be a day such as 2026-01-05, a time such as ` +
      "2026-01-05T10:30Z, or an age such as 90m, 36h or 7d",
  );
}
