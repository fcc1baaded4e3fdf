/** `deno task ingest`: follows a Mastodon server and writes its events to the log. */
import { required } from "../mod/config/config.ts";
import { playedSource } from "../mod/demo/demo_place.ts";
import { total } from "../mod/ingest/ingest_counts.ts";
import { runIngest } from "../mod/ingest/run_ingest.ts";
import { openEngines } from "../mod/ops/engines.ts";
import { JobError, runJob } from "../mod/ops/job.ts";
import { loggerOf } from "../mod/ops/logging.ts";
import { normalizeRules } from "../mod/ops/rules.ts";
import { print, progressBar } from "../mod/ops/terminal.ts";

await runJob({
  name: "ingest",
  summary: "Follows MASTODON_STREAM of MASTODON_BASE_URL and writes its events to the log.",
  async run({ config, signal }) {
    const baseUrl = required(config, "MASTODON_BASE_URL");
    const rules = await normalizeRules(config);
    await using engines = await openEngines(config);
    const logger = loggerOf("ingest");
    const bar = progressBar("Ingest ");
    const counts = await runIngest({
      baseUrl,
      token: config.MASTODON_ACCESS_TOKEN,
      stream: config.MASTODON_STREAM,
      log: engines.log,
      topic: config.KAFKA_TOPIC,
      errorTopic: config.KAFKA_ERROR_TOPIC,
      rules,
      admit: async ({ instance }) => {
        const demo = await playedSource(engines.db);
        if (demo !== null && demo !== instance) {
          throw new JobError(
            `The database holds the demo's toots (${demo}): remove ${config.DATA_DIR}/pg or set ` +
              "DATA_DIR or PG_URL to another place before you follow a real server",
          );
        }
      },
      say: (level, line) => level === "warn" ? logger.warn(line) : logger.info(line),
      onProgress: ({ frames, skipped, refused }, pending) =>
        bar.update({
          done: frames,
          total: null,
          note: `frames, ${total(skipped)} skipped, ${total(refused)} refused, ${pending} waiting`,
        }),
      signal,
    });
    bar.finish();
    print(
      `Ingest stopped: ${total(counts.events)} events of ${counts.frames} frames are in the log`,
    );
  },
});
