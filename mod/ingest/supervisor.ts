/**
 * Keeps a stream followed: connects, notices that it has fallen silent, and connects again with
 * capped exponential backoff and full jitter for as long as it takes.
 *
 * @module
 */
import { parseFrame } from "../mastodon/frame.ts";
import { followStream } from "../mastodon/live_stream.ts";
import { type ServerInfo, TokenRefusedError } from "../mastodon/server.ts";
import type { Follow, StreamEnd } from "../mastodon/stream_end.ts";
import type { StreamName } from "../mastodon/stream_name.ts";
import { checkToken, streamingHealth } from "../mastodon/token_check.ts";
import { backoffMs, LONGEST_MS } from "./backoff.ts";
import { type Clock, systemClock } from "./clock.ts";
import { ConnectBudget } from "./connect_budget.ts";
import type { Gate } from "./gate.ts";
import { StallWatch } from "./_stall_watch.ts";

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
  /** What carries the stream. @default {followStream} */
  readonly follow?: Follow;
  /** A connection that brings nothing for so long is given up, in ms. @default {90_000} */
  readonly stallMs?: number;
  /** A connection that takes so long to open is given up, in ms. @default {30_000} */
  readonly connectMs?: number;
  /** While it is closed there is no connection. */
  readonly gate?: Gate;
  /** Asks whether the token is good, after it was refused. */
  readonly checkToken?: typeof checkToken;
  /** Asks the streaming server how it is. */
  readonly health?: typeof streamingHealth;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** A connection that has lasted so long has worked: what came before is forgotten, in ms. */
const STABLE_MS = LONGEST_MS;
/** After an error in band the subscription may be gone: silence is suspicious sooner, in ms. */
const DOUBTFUL_MS = 15_000;
/** Failures after which backoff has reached its ceiling. */
const CEILING = 6;
/** An error frame is short; anything longer is not looked into twice. */
const MAX_ERROR_FRAME = 10_000;

/**
 * Follows the stream until the signal aborts.
 *
 * @throws {TokenRefusedError} if the server does not know the token
 */
export async function supervise(options: SupervisorOptions): Promise<void> {
  const { signal, gate, clock = systemClock } = options;
  const budget = new ConnectBudget();
  let failures = 0;
  while (!signal.aborted) {
    await gate?.opened(signal);
    const restMs = budget.waitMs(clock.now());
    if (restMs > 0) await clock.sleep(restMs, signal);
    if (signal.aborted) return;
    budget.take(clock.now());
    const openedAt = clock.now();
    const end = await connect(options);
    if (signal.aborted) return;
    await refuseBadToken(end, options);
    failures = end.opened && clock.now() - openedAt >= STABLE_MS ? 0 : failures + 1;
    const retryInMs = await retryWait(end, { failures, options });
    options.onEnd?.(end, retryInMs);
    await clock.sleep(retryInMs, signal);
  }
}

/** One connection, watched. */
async function connect(options: SupervisorOptions): Promise<StreamEnd> {
  const { server, token, stream, signal, gate } = options;
  const { follow = followStream, stallMs = 90_000, clock = systemClock } = options;
  const ended = new AbortController();
  const watch = new StallWatch(clock, options.connectMs ?? 30_000);
  let reason: string | null = null;
  let status: number | null = null;
  const stop = (why: string) => {
    reason ??= why;
    ended.abort();
  };
  const onGate = () => {
    if (gate !== undefined && gate.reason !== null) stop(gate.reason);
  };
  const ignoreGate = gate?.onChange(onGate);
  onGate();
  let events = 0;
  const following = follow({
    streamingUrl: server.streamingUrl,
    token,
    stream,
    signal: AbortSignal.any([signal, ended.signal]),
    onFrame: (frame) => {
      const error = errorOf(frame);
      // A server may go on telling of an error without anything else.
      if (error === null) watch.heard();
      options.onFrame(frame);
      if (error === null) {
        events++;
        if (watch.limitMs < stallMs) watch.limit(stallMs);
      } else if (events === 0) {
        // The answer to the subscription: nothing will come on this connection.
        status = error.status;
        stop(`The server answers the subscription with an error: ${error.message}`);
      } else {
        watch.limit(Math.min(DOUBTFUL_MS, stallMs));
      }
    },
    onOpen: () => {
      watch.heard();
      watch.limit(stallMs);
      options.onOpen?.();
    },
  });
  const over = new AbortController();
  const watching = watch.stalled(AbortSignal.any([signal, over.signal])).then(async (stalled) => {
    if (!stalled) return;
    const { health = streamingHealth } = options;
    const { detail } = await health(server, { signal });
    const limit = Math.round(watch.limitMs / 1000);
    stop(`Nothing heard for ${limit} s, and of the streaming server: ${detail}`);
  });
  const end = await following;
  over.abort();
  ignoreGate?.();
  await watching;
  return reason === null ? end : { ...end, detail: reason, status: end.status ?? status };
}

/** The error in a frame, if it is one: most frames are not, and are not parsed here. */
function errorOf(frame: string | Uint8Array): { message: string; status: number | null } | null {
  if (typeof frame !== "string" || frame.length > MAX_ERROR_FRAME) return null;
  if (!frame.includes('"error"') || frame.includes('"event"')) return null;
  const parsed = parseFrame(frame);
  return parsed.kind === "error" ? parsed : null;
}

async function refuseBadToken(end: StreamEnd, options: SupervisorOptions): Promise<void> {
  if (end.status !== 401) return;
  const { server, token, signal } = options;
  if (token === null) throw new TokenRefusedError(server.instance, { hadToken: false });
  // A proxy in front of the server may say 401 of its own accord: only the server's word counts.
  const state = await (options.checkToken ?? checkToken)(server, { token, signal });
  if (state === "refused" && !signal.aborted) throw new TokenRefusedError(server.instance);
}

/** How long to wait, by what the connection ended of. */
async function retryWait(
  end: StreamEnd,
  { failures, options }: { failures: number; options: SupervisorOptions },
): Promise<number> {
  const { status } = end;
  const { server, signal, random = Math.random, health = streamingHealth } = options;
  if (status === null || status === 401) return backoffMs(failures, random);
  const busy = status === 429 || status >= 500;
  const asked = busy ? end.retryAfterMs ?? (await health(server, { signal })).retryAfterMs : null;
  // Being refused for good reason (403) or too often (429) does not pass within a second.
  const jittered = backoffMs(status < 500 ? Math.max(failures, CEILING) : failures, random);
  if (asked === null) return jittered;
  // Some ask for no wait at all.
  return Math.max(asked + backoffMs(1, random), backoffMs(failures, random));
}
