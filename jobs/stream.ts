/**
 * `deno task stream`: reads the log and keeps rows, windows and predictions up to date.
 *
 * Its task bounds V8's young generation: batches outlive it anyway, and a large one only holds memory.
 *
 * @module
 */
import { integerFlag, JobError, runJob, secretsOf } from "../mod/ops/job.ts";
import { runStreamJob } from "../mod/ops/stream_job.ts";
import { runStreamPool } from "../mod/ops/stream_pool.ts";
import { print } from "../mod/ops/terminal.ts";
import { ProgressMeter } from "../mod/stream/mod.ts";

await runJob({
  name: "stream",
  summary: "Reads the log and keeps rows, windows and predictions up to date, exactly once.",
  flags: {
    once: { type: "boolean", help: "Stop when all that the log holds now is processed." },
    workers: { type: "string", value: "N", help: "Threads that share the partitions (default 1)." },
    "no-sentiment": { type: "boolean", help: "Leave scoring to deno task predict." },
    "progress-every": { type: "string", value: "S", help: "Seconds between reports (default 10)." },
  },
  async run({ config, flags, signal }) {
    const everyS = integerFlag(flags, { name: "progress-every", min: 1, max: 3600, fallback: 10 });
    const workers = integerFlag(flags, { name: "workers", min: 1, max: 64, fallback: 1 });
    if (workers > 1 && config.KAFKA_BROKERS === null) {
      throw new JobError(
        `--workers holds ${workers}: it should be 1 without Kafka, whose groups share partitions`,
      );
    }
    const meter = new ProgressMeter();
    const tell = () => {
      const progress = meter.take();
      if (progress !== null) print(JSON.stringify(progress));
    };
    const timer = setInterval(tell, everyS * 1000);
    const options = {
      once: flags.once === true,
      sentiment: flags["no-sentiment"] !== true,
      onBatch: meter.add.bind(meter),
      signal,
    };
    try {
      if (workers === 1) await runStreamJob(config, options);
      else await runStreamPool(config, { ...options, workers, secrets: secretsOf(config) });
    } finally {
      clearInterval(timer);
    }
    tell();
  },
});
