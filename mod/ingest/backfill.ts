/**
 * Fills what a stream has missed from the server's timeline, within its rate limit.
 *
 * @module
 */
import type { ServerInfo } from "../mastodon/server.ts";
import { compareIds } from "../mastodon/status_id.ts";
import type { StreamName } from "../mastodon/stream_name.ts";
import { type PageAnswer, type PageStatus, timelinePage } from "../mastodon/timeline.ts";
import { backoffMs } from "./backoff.ts";
import { type Clock, systemClock } from "./clock.ts";

/** What to fill. */
export interface BackfillOptions {
  readonly server: ServerInfo;
  readonly token: string | null;
  readonly stream: StreamName;
  /** Statuses with larger ids are fetched. */
  readonly minId: string;
  /** Statuses fetched at most. */
  readonly maxStatuses: number;
  /**
   * When the stream is live, in ms: what is published later is not missing, and not before does an
   * empty page mean that nothing is.
   */
  readonly notBefore: number;
  /** Takes a page's statuses, oldest first; resolves when more may come. */
  readonly onPage: (statuses: readonly PageStatus[]) => Promise<void>;
  readonly signal: AbortSignal;
  readonly page?: typeof timelinePage;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** How it ended. */
export interface BackfillResult {
  readonly outcome:
    /** All that the timeline shows was fetched. */
    | "filled"
    /** There was more than may be fetched. */
    | "bounded"
    /** The server keeps its timeline closed. */
    | "closed"
    /** The token is not good. */
    | "refused"
    /** The server could not be asked, again and again. */
    | "failed"
    | "stopped";
  /** Why, in words; empty if it was filled. */
  readonly detail: string;
  readonly fetched: number;
  /** Everything up to this id was fetched. */
  readonly reachedId: string;
}

/** Requests that are left to others who use the same token. */
const RESERVE = 10;
/** Failures in a row before which no gap is left open. */
const MOST_FAILURES = 8;
/** How long they must have lasted as well: a restart of the server or a deployment passes, in ms. */
const PATIENCE_MS = 300_000;
/** How long a server may say "too many" to everything before no gap is left open, in ms. */
const LIMITED_PATIENCE_MS = 1_800_000;
/** Where a server says "too many" without saying until when, in ms. */
const LIMITED_MS = 60_000;

/**
 * Pages forward until the timeline is exhausted, or what was the newest when the stream went live is
 * reached, or the bound is; never throws. What the stream itself brings does not tell where to stop:
 * the first thing may be an edit of an old toot, or one that comes late.
 */
export async function backfill(options: BackfillOptions): Promise<BackfillResult> {
  const { signal, maxStatuses, notBefore, clock = systemClock, random = Math.random } = options;
  let cursor = options.minId;
  let fetched = 0;
  let failures = 0;
  let limits = 0;
  let workedAt = clock.now();
  let pageAt = clock.now();
  /** The newest status when the stream was live; null while that is not known. */
  let newestId: string | null = null;
  /** Whether the last page brought something, so that there may be much more. */
  let isLong = false;
  const result = (outcome: BackfillResult["outcome"], detail = ""): BackfillResult => {
    return { outcome, detail, fetched, reachedId: cursor };
  };
  while (!signal.aborted) {
    const isLive = clock.now() >= notBefore;
    const asksNewest = isLive && isLong && newestId === null;
    const answer = await ask(options, asksNewest ? null : cursor);
    if (signal.aborted) break;
    if (answer.kind === "refused") return result("refused", "the token is refused");
    if (answer.kind === "closed") return result("closed", answer.detail);
    if (answer.kind === "limited") {
      workedAt = clock.now();
      // What the stream brings waits for the fill: a server that never lets us ask must not keep it.
      if (workedAt - pageAt >= LIMITED_PATIENCE_MS) {
        return result("failed", "it answers 429 all the time");
      }
      // Some say "too many" and ask for no wait at all.
      const waitMs = Math.max(answer.retryMs ?? LIMITED_MS, backoffMs(limits++, random));
      await clock.sleep(waitMs + random() * 1000, signal);
      continue;
    }
    if (answer.kind === "failed") {
      const isHopeless = clock.now() - workedAt >= PATIENCE_MS;
      if (++failures >= MOST_FAILURES && isHopeless) return result("failed", answer.detail);
      await clock.sleep(backoffMs(failures, random), signal);
      continue;
    }
    failures = 0;
    limits = 0;
    workedAt = pageAt = clock.now();
    if (asksNewest) {
      newestId = answer.statuses.at(-1)?.id ?? cursor;
    } else {
      const fresh = answer.statuses.filter(({ id }) => compareIds(id, cursor) > 0);
      await options.onPage(fresh);
      fetched += fresh.length;
      cursor = fresh.at(-1)?.id ?? cursor;
      isLong = fresh.length > 0;
    }
    if (isLive && !isLong) return result("filled");
    if (newestId !== null && compareIds(cursor, newestId) >= 0) return result("filled");
    if (fetched >= maxStatuses) return result("bounded", `it is larger than ${maxStatuses} toots`);
    if (!isLong) {
      await clock.sleep(Math.max(0, notBefore - clock.now()), signal);
    } else if (answer.limit !== null && answer.limit.remaining <= RESERVE) {
      await clock.sleep(answer.limit.resetMs + random() * 1000, signal);
    }
  }
  return result("stopped", "it was interrupted");
}

function ask(options: BackfillOptions, minId: string | null): Promise<PageAnswer> {
  const { server, token, stream, signal, page = timelinePage, clock = systemClock } = options;
  return page({
    baseUrl: server.baseUrl,
    token,
    stream,
    minId,
    signal,
    now: () => clock.now(),
  });
}
