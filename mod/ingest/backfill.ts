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
   * Not before this instant does an empty page mean that nothing is missing: the stream must be
   * live by then. In ms.
   */
  readonly notBefore: number;
  /** An id that the live stream has reached: there is no need to go beyond it. Null: not known. */
  readonly reachedLive: () => string | null;
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
/** Failures in a row after which a gap is left open. */
const MOST_FAILURES = 8;
/** Where a server says "too many" without saying until when, in ms. */
const LIMITED_MS = 60_000;

/** Pages forward until the timeline is exhausted or the bound is reached; never throws. */
export async function backfill(options: BackfillOptions): Promise<BackfillResult> {
  const { signal, maxStatuses, clock = systemClock, random = Math.random } = options;
  let cursor = options.minId;
  let fetched = 0;
  let failures = 0;
  const result = (outcome: BackfillResult["outcome"], detail = ""): BackfillResult => {
    return { outcome, detail, fetched, reachedId: cursor };
  };
  while (!signal.aborted) {
    const answer = await ask(options, cursor);
    if (signal.aborted) break;
    if (answer.kind === "refused") return result("refused", "the token is refused");
    if (answer.kind === "closed") return result("closed", answer.detail);
    if (answer.kind === "limited") {
      await clock.sleep((answer.retryMs ?? LIMITED_MS) + random() * 1000, signal);
      continue;
    }
    if (answer.kind === "failed") {
      if (++failures >= MOST_FAILURES) return result("failed", answer.detail);
      await clock.sleep(backoffMs(failures, random), signal);
      continue;
    }
    failures = 0;
    const fresh = answer.statuses.filter(({ id }) => compareIds(id, cursor) > 0);
    await options.onPage(fresh);
    fetched += fresh.length;
    cursor = fresh.at(-1)?.id ?? cursor;
    const live = options.reachedLive();
    const settled = clock.now() >= options.notBefore;
    if (settled && (fresh.length === 0 || (live !== null && compareIds(cursor, live) >= 0))) {
      return result("filled");
    }
    if (fetched >= maxStatuses) return result("bounded", `it is larger than ${maxStatuses} toots`);
    if (fresh.length === 0) {
      await clock.sleep(options.notBefore - clock.now(), signal);
    } else if (answer.limit !== null && answer.limit.remaining <= RESERVE) {
      await clock.sleep(answer.limit.resetMs + random() * 1000, signal);
    }
  }
  return result("stopped", "it was interrupted");
}

function ask(options: BackfillOptions, minId: string): Promise<PageAnswer> {
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
