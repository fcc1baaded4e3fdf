/**
 * Whether ingest is alive, and whether it does its work.
 *
 * @module
 */
import type { IngestStatus, SourceStatus } from "./run_ingest.ts";

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
 * Ready while a stream brings events and the log takes them. Streams that bring none are named: one
 * broken server of several must not make all of ingest look broken.
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
  const troubles = status.sources.flatMap((source) => troubleOf(source, { stallMs, now }) ?? []);
  const detail = [...problems, ...troubles].join("; ");
  const isOk = problems.length === 0 && troubles.length < status.sources.length;
  if (!isOk) return { isOk, detail };
  return { isOk, detail: detail === "" ? "ready" : `ready, but ${detail}` };
}

/** Why a stream brings nothing; null if it does. */
function troubleOf(
  { instance, stream, counts, isFollowed, isGivenUp }: SourceStatus,
  { stallMs, now }: { stallMs: number; now: number },
): string | null {
  const name = `${stream} of ${instance}`;
  if (isGivenUp) return `${name} was given up`;
  if (!isFollowed) return `${name} is not reached yet`;
  if (counts.lastFrameMs === null) return `${name} has brought nothing yet`;
  const silentMs = now - counts.lastFrameMs;
  if (silentMs <= stallMs) return null;
  return `${name} has brought nothing for ${Math.round(silentMs / 1000)} s`;
}
