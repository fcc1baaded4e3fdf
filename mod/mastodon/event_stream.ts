/**
 * One connection to a server's streaming API as server-sent events, for networks that do not let
 * WebSockets through.
 * Source: https://docs.joinmastodon.org/methods/streaming/
 *
 * @module
 */
import { mask } from "../config/mask.ts";
import { causeOf, retryAfterMs, USER_AGENT } from "./http.ts";
import { SseParser } from "./_sse_parser.ts";
import type { FollowOptions, StreamEnd } from "./stream_end.ts";
import { httpAddress } from "./token_check.ts";

/**
 * Follows a stream until the connection ends, for whatever reason; never throws. Events are handed on
 * as frames, as a WebSocket would bring them.
 */
export async function followEventStream(options: FollowOptions): Promise<StreamEnd> {
  const { token, signal } = options;
  let opened = false;
  try {
    const response = await fetch(streamUrl(options), {
      headers: {
        "user-agent": USER_AGENT,
        accept: "text/event-stream",
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      // The token must not follow a redirect to another host.
      redirect: "manual",
      signal,
    });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      return {
        opened,
        detail: `The streaming server answers ${response.status}`,
        status: response.status,
        retryAfterMs: retryAfterMs(response.headers, Date.now()),
      };
    }
    opened = true;
    options.onOpen?.();
    const reader = response.body.getReader();
    // The request's signal alone does not always end a read that waits.
    const cancel = () => void reader.cancel().catch(() => {});
    signal.addEventListener("abort", cancel);
    try {
      await readEvents(reader, options);
    } finally {
      signal.removeEventListener("abort", cancel);
    }
    return { opened, detail: "Closed by the server", status: null, retryAfterMs: null };
  } catch (error) {
    const detail = signal.aborted ? "Stopped" : mask(causeOf(error), token === null ? [] : [token]);
    return { opened, detail, status: null, retryAfterMs: null };
  }
}

async function readEvents(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { onFrame, signal }: FollowOptions,
): Promise<void> {
  const decoder = new TextDecoder();
  const parser = new SseParser();
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    for (const { event, data } of parser.push(decoder.decode(chunk.value, { stream: true }))) {
      if (signal.aborted) return;
      onFrame(JSON.stringify({ event, payload: data }));
    }
  }
}

function streamUrl({ streamingUrl, stream }: FollowOptions): string {
  const url = new URL(`${httpAddress(streamingUrl)}/api/v1/streaming/${stream.kind}`);
  if (stream.kind === "hashtag") url.searchParams.set("tag", stream.tag);
  return url.href;
}
