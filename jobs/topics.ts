/**
 * `deno task topics`: makes the topics that are missing and says what there is.
 *
 * @module
 */
import { topicLines } from "../mod/log/topic_report.ts";
import { openEngines, openKafka, topicSpecs } from "../mod/ops/engines.ts";
import { runJob } from "../mod/ops/job.ts";
import { print } from "../mod/ops/terminal.ts";

await runJob({
  name: "topics",
  summary:
    "Makes the topics that are missing and says what there is; never shrinks or deletes one.",
  async run({ config }) {
    const specs = topicSpecs(config);
    await using kafka = await openKafka(config);
    if (kafka !== null) {
      for (const line of topicLines(specs, await kafka.createTopics(specs))) print(line);
      return;
    }
    await using engines = await openEngines(config);
    for (const line of topicLines(specs, await engines.log.createTopics(specs))) print(line);
  },
});
