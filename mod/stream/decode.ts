/**
 * Records of the log → events, or dead letters with their reason.
 *
 * @module
 */
import type { LogRecord } from "../log/event_log.ts";
import { decodeEvent, WireError, type WireEvent } from "../mastodon/wire.ts";

/**
 * How far ahead of its record's arrival an event may be dated, in ms: servers' clocks are often
 * minutes off, while one that is years off would close every window.
 */
export const MAX_AHEAD_MS: number = 5 * 60_000;

/** An event with what its record adds. */
export interface LoggedEvent {
  readonly offset: number;
  /** When the record reached the log, in ms. */
  readonly arrivedMs: number;
  /** When its toot was written, in ms: its event time. NaN for an event without a toot. */
  readonly createdMs: number;
  readonly event: WireEvent;
  /** Its author has opted out since: the toot must not be there. */
  readonly withdrawn?: boolean;
}

/** An event with its time, which takes long to read and is needed often. */
export function loggedEvent(
  { offset, arrivedMs, event }: Pick<LoggedEvent, "offset" | "arrivedMs" | "event">,
): LoggedEvent {
  const createdMs = "toot" in event ? Date.parse(event.toot.created_at) : NaN;
  return { offset, arrivedMs, createdMs, event };
}

/** A record that cannot be used. */
export interface Refused {
  readonly record: LogRecord;
  readonly reason: string;
}

/** Decodes records in order. */
export function decodeRecords(
  records: readonly LogRecord[],
): { events: LoggedEvent[]; refused: Refused[] } {
  const events: LoggedEvent[] = [];
  const refused: Refused[] = [];
  for (const record of records) {
    try {
      const { offset, timestamp: arrivedMs } = record;
      const logged = loggedEvent({ offset, arrivedMs, event: decodeEvent(record.value) });
      if (!isArrival(arrivedMs)) {
        refused.push({ record, reason: "Its record's own date is not between 1970 and 9999" });
      } else if (logged.createdMs > arrivedMs + MAX_AHEAD_MS) {
        refused.push({ record, reason: "Dated more than 5 minutes after its arrival" });
      } else {
        events.push(logged);
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      refused.push({ record, reason: error.message });
    }
  }
  return { events, refused };
}

/** Records are dated by whoever wrote them. */
function isArrival(ms: number): boolean {
  return Number.isInteger(ms) && ms >= 0 && ms < Date.UTC(10_000, 0);
}
