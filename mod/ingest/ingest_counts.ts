/**
 * What ingest has seen and done, for the summary and the metrics.
 *
 * @module
 */

/**
 * Counters since the start of the process. Each frame, and each status fetched to fill a gap, is
 * counted in one of events, skipped, refused and serverErrors; an opt-out or a delete may make one
 * more event.
 */
export interface IngestCounts {
  /** Everything that came through the socket. */
  frames: number;
  /** Statuses fetched to fill gaps. */
  backfilled: number;
  /** Appended to the log, by event name. */
  readonly events: Map<string, number>;
  /** Passed over on purpose, by reason. */
  readonly skipped: Map<string, number>;
  /** Put among the dead letters, by reason. */
  readonly refused: Map<string, number>;
  /** Errors that the server sent in band. */
  serverErrors: number;
  /** Connections that were opened. */
  connects: number;
  /** Whether it is connected, and no interruption is left to be dealt with. */
  caughtUp: boolean;
  /** When the last frame came, in ms; null before the first. */
  lastFrameMs: number | null;
  /** The newest event time seen, in ms; null before the first. */
  newestEventMs: number | null;
  /** Interruptions: those of which all statuses could be fetched, and the others. */
  gapsFilled: number;
  gapsOpen: number;
}

/** Counters at zero. */
export function newIngestCounts(): IngestCounts {
  return {
    frames: 0,
    backfilled: 0,
    events: new Map(),
    skipped: new Map(),
    refused: new Map(),
    serverErrors: 0,
    connects: 0,
    caughtUp: false,
    lastFrameMs: null,
    newestEventMs: null,
    gapsFilled: 0,
    gapsOpen: 0,
  };
}

/** Adds one under a name. */
export function bump(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/**
 * Sum over all names.
 *
 * @example
 * ```ts
 * import { total } from "./ingest_counts.ts";
 * if (total(new Map([["a", 1], ["b", 2]])) !== 3) throw new Error();
 * ```
 */
export function total(counts: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}
