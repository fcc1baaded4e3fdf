/**
 * The ingest job: follows one server and brings what it says to the log.
 *
 * @module
 */
import type { EventLog } from "../log/event_log.ts";
import type { NormalizeRules } from "../mastodon/normalize.ts";
import { discoverServer, type ServerInfo } from "../mastodon/server.ts";
import { parseStreamName } from "../mastodon/stream_name.ts";
import { Ingestor } from "./ingestor.ts";
import type { IngestCounts } from "./ingest_counts.ts";
import { supervise } from "./supervisor.ts";

/** What ingest follows and where it writes. */
export interface IngestOptions {
  readonly baseUrl: string;
  readonly token: string | null;
  /** As MASTODON_STREAM names it. */
  readonly stream: string;
  readonly log: EventLog;
  readonly topic: string;
  readonly errorTopic: string;
  readonly rules: Omit<NormalizeRules, "instance">;
  /** Refuses a server, by throwing, before anything is followed. */
  readonly admit?: (server: ServerInfo) => Promise<void>;
  /** Says what happens, in one line each. */
  readonly say: (level: "info" | "warn", line: string) => void;
  readonly onProgress?: (counts: IngestCounts, pending: number) => void;
  readonly signal: AbortSignal;
}

/** How often progress is told, in ms. */
const PROGRESS_EVERY_MS = 1000;

/**
 * Runs until the signal aborts; then what was received is brought to the log.
 *
 * @throws {ServerError} if the server cannot be used
 */
export async function runIngest(options: IngestOptions): Promise<IngestCounts> {
  const { baseUrl, token, stream, log, topic, errorTopic, rules, say, signal } = options;
  const server = await discoverServer(baseUrl, { signal });
  await options.admit?.(server);
  say("info", `Following ${stream} of ${server.instance} (Mastodon ${server.version})`);
  let logDown = false;
  const ingestor = new Ingestor({
    log,
    topic,
    errorTopic,
    rules: { ...rules, instance: server.instance },
    onAppendError: (error) => {
      // Said once: it is tried again until it works.
      if (!logDown) say("warn", `The log takes nothing, trying again: ${messageOf(error)}`);
      logDown = true;
    },
    onAppended: () => {
      if (logDown) say("info", "The log takes records again");
      logDown = false;
    },
    onServerError: ({ message, status }) => say("warn", `The server says: ${message} (${status})`),
  });
  const progress = setInterval(
    () => options.onProgress?.(ingestor.counts, ingestor.pending),
    PROGRESS_EVERY_MS,
  );
  try {
    await supervise({
      server,
      token,
      stream: parseStreamName(stream),
      signal,
      onFrame: (frame) => ingestor.push(frame),
      onOpen: () => say("info", `Connected to ${server.streamingUrl}`),
      onEnd: ({ detail }, retryInMs) =>
        say("warn", `${detail}: connecting again in ${(retryInMs / 1000).toFixed(1)} s`),
    });
    await ingestor.flush();
  } finally {
    clearInterval(progress);
  }
  return ingestor.counts;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
