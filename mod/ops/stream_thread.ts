/**
 * The thread of one stream worker; see `stream_pool.ts`.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import { DatabaseUnusableError, explainDatabaseError } from "../db/database_errors.ts";
import { startLogging } from "./logging.ts";
import { runStreamJob } from "./stream_job.ts";
import type { FromThread, ToThread } from "./stream_pool.ts";

const stopping = new AbortController();

self.onmessage = ({ data }: MessageEvent<ToThread>) => {
  if (data.kind === "stop") stopping.abort();
  else run(data).catch(fail);
};

async function run(
  { config, once, sentiment, secrets }: Extract<ToThread, { kind: "start" }>,
): Promise<void> {
  await startLogging(config.LOG_LEVEL, secrets);
  await runStreamJob(config, {
    once,
    sentiment,
    signal: stopping.signal,
    onBatch: (report) => tell({ kind: "batch", report }),
  });
  tell({ kind: "done" });
}

function fail(error: unknown): void {
  const line = explainDatabaseError(error);
  if (line !== null) {
    return tell({ kind: "failed", name: DatabaseUnusableError.name, message: line });
  }
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  tell({ kind: "failed", name, message });
}

function tell(message: FromThread): void {
  self.postMessage(message);
}
