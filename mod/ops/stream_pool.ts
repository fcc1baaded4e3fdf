/**
 * Several stream workers in one process, each in a thread of its own: the consumer group spreads the
 * partitions over them just as over processes and machines.
 *
 * @module
 */
import type { Config } from "../config/config.ts";
import type { BatchReport } from "../stream/mod.ts";
import type { StreamJobOptions } from "./stream_job.ts";

/** What the pool tells a thread. */
export type ToThread =
  | {
    readonly kind: "start";
    readonly config: Config;
    readonly once: boolean;
    readonly sentiment: boolean;
    readonly secrets: readonly string[];
  }
  | { readonly kind: "stop" };

/** What a thread tells the pool. */
export type FromThread =
  | { readonly kind: "batch"; readonly report: BatchReport }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly name: string; readonly message: string };

/**
 * Runs `workers` threads until the signal aborts, or with `once` until each has drained its share.
 * If one fails the others are stopped and its error is thrown.
 */
export async function runStreamPool(
  config: Config,
  options: StreamJobOptions & { readonly workers: number; readonly secrets: readonly string[] },
): Promise<void> {
  const { workers, once, sentiment, secrets, onBatch, signal } = options;
  const failed = new AbortController();
  const ending = AbortSignal.any([signal, failed.signal]);
  const threads = Array.from({ length: workers }, async () => {
    try {
      await runThread({ kind: "start", config, once, sentiment, secrets }, {
        onBatch,
        signal: ending,
      });
    } catch (error) {
      failed.abort();
      throw error;
    }
  });
  const ended = await Promise.allSettled(threads);
  const failure = ended.find((end) => end.status === "rejected");
  if (failure !== undefined) throw failure.reason;
}

async function runThread(
  start: ToThread,
  { onBatch, signal }: { onBatch: StreamJobOptions["onBatch"]; signal: AbortSignal },
): Promise<void> {
  const thread = new Worker(new URL("./stream_thread.ts", import.meta.url), { type: "module" });
  const stop = () => tell(thread, { kind: "stop" });
  try {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    thread.onmessage = ({ data }: MessageEvent<FromThread>) => {
      if (data.kind === "batch") onBatch(data.report);
      else if (data.kind === "done") resolve();
      else reject(Object.assign(new Error(data.message), { name: data.name }));
    };
    thread.onerror = (event) => {
      event.preventDefault();
      reject(new Error(event.message));
    };
    tell(thread, start);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    await promise;
  } finally {
    signal.removeEventListener("abort", stop);
    thread.terminate();
  }
}

function tell(thread: Worker, message: ToThread): void {
  thread.postMessage(message);
}
