/**
 * Keeps a stream followed: connects, and connects again with capped exponential backoff and full
 * jitter for as long as it takes.
 *
 * @module
 */
import { followStream, type StreamEnd } from "../mastodon/live_stream.ts";
import type { ServerInfo } from "../mastodon/server.ts";
import type { StreamName } from "../mastodon/stream_name.ts";
import { backoffMs } from "./backoff.ts";

/** What the supervisor follows, and who hears what. */
export interface SupervisorOptions {
  readonly server: ServerInfo;
  readonly token: string | null;
  readonly stream: StreamName;
  readonly onFrame: (frame: string | Uint8Array) => void;
  readonly onOpen?: () => void;
  /** Hears why a connection ended and when the next one is tried, in ms. */
  readonly onEnd?: (end: StreamEnd, retryInMs: number) => void;
  readonly signal: AbortSignal;
}

/** Follows the stream until the signal aborts. */
export async function supervise(options: SupervisorOptions): Promise<void> {
  const { server, token, stream, signal } = options;
  let failures = 0;
  while (!signal.aborted) {
    const end = await followStream({
      streamingUrl: server.streamingUrl,
      token,
      stream,
      signal,
      onFrame: options.onFrame,
      ...(options.onOpen === undefined ? {} : { onOpen: options.onOpen }),
    });
    if (signal.aborted) return;
    failures = end.opened ? 0 : failures + 1;
    const retryInMs = backoffMs(failures);
    options.onEnd?.(end, retryInMs);
    await pause(retryInMs, signal);
  }
}

/** Waits, or stops waiting when the signal aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
