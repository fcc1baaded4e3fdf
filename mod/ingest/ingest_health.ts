/**
 * Whether ingest is alive, and whether it does its work.
 *
 * @module
 */
import type { IngestStatus } from "./run_ingest.ts";

/** In order, or why not. */
export interface IngestHealth {
  readonly isOk: boolean;
  readonly detail: string;
}

/** Without a new status for so long, in ms, the process does nothing any more. */
const DEAD_MS = 60_000;

/**
 * Alive while statuses come; a status comes every second.
 *
 * @param at when the newest status came, or the process started, in ms
 */
export function ingestIsLive(at: number, now: number): IngestHealth {
  const silentMs = now - at;
  return silentMs < DEAD_MS
    ? { isOk: true, detail: "alive" }
    : { isOk: false, detail: `nothing has moved for ${Math.round(silentMs / 1000)} s` };
}

/**
 * Ready while every stream brings events and the log takes them.
 *
 * @example
 * ```ts
 * import { ingestIsReady } from "./ingest_health.ts";
 * const health = ingestIsReady(null, { stallMs: 90_000, now: 0 });
 * if (health.isOk || health.detail !== "starting") throw new Error();
 * ```
 */
export function ingestIsReady(
  status: IngestStatus | null,
  { stallMs, now }: { stallMs: number; now: number },
): IngestHealth {
  if (status === null || status.sources.length === 0) return { isOk: false, detail: "starting" };
  const problems: string[] = [];
  if (status.gateReason !== null) problems.push(status.gateReason);
  if (!status.isLogUp) problems.push("the log takes nothing");
  for (const { instance, stream, counts, isFollowed } of status.sources) {
    const name = `${stream} of ${instance}`;
    if (!isFollowed) problems.push(`${name} was given up`);
    else if (counts.lastFrameMs === null) problems.push(`${name} has brought nothing yet`);
    else if (now - counts.lastFrameMs > stallMs) {
      const seconds = Math.round((now - counts.lastFrameMs) / 1000);
      problems.push(`${name} has brought nothing for ${seconds} s`);
    }
  }
  return problems.length === 0
    ? { isOk: true, detail: "ready" }
    : { isOk: false, detail: problems.join("; ") };
}
