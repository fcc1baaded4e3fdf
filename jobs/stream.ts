/** `deno task stream`: reads the log and keeps rows, windows and predictions up to date. */
import { openEngines } from "../mod/ops/engines.ts";
import { integerFlag, runJob } from "../mod/ops/job.ts";
import { loggerOf } from "../mod/ops/logging.ts";
import { openScorer } from "../mod/ops/rules.ts";
import { print } from "../mod/ops/terminal.ts";
import { ProgressMeter, runWorker } from "../mod/stream/mod.ts";

await runJob({
  name: "stream",
  summary: "Reads the log and keeps rows, windows and predictions up to date, exactly once.",
  flags: {
    once: { type: "boolean", help: "Stop when all that the log holds now is processed." },
    "no-sentiment": { type: "boolean", help: "Leave scoring to deno task predict." },
    "progress-every": { type: "string", value: "S", help: "Seconds between reports (default 10)." },
  },
  async run({ config, flags, signal }) {
    const everyS = integerFlag(flags, { name: "progress-every", min: 1, max: 3600, fallback: 10 });
    const scorer = flags["no-sentiment"] === true ? null : await openScorer(config);
    await using engines = await openEngines(config);
    const logger = loggerOf("stream");
    const meter = new ProgressMeter();
    const tell = () => {
      const progress = meter.take();
      if (progress !== null) print(JSON.stringify(progress));
    };
    const timer = setInterval(tell, everyS * 1000);
    try {
      await runWorker({
        ...engines,
        topic: config.KAFKA_TOPIC,
        errorTopic: config.KAFKA_ERROR_TOPIC,
        windowS: config.WINDOW_S,
        graceS: config.WINDOW_GRACE_S,
        idleTimeoutS: config.IDLE_TIMEOUT_S,
        scorer,
        once: flags.once === true,
        signal,
        onBatch: (report) => meter.add(report),
        onFinal: (until) => logger.debug("Windows are final until {until}", { until }),
      });
    } finally {
      clearInterval(timer);
    }
    tell();
  },
});
