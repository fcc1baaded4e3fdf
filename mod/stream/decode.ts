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
  readonly event: WireEvent;
  /** Its author has opted out since: the toot must not be there. */
  readonly withdrawn?: boolean;
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
      const event = decodeEvent(record.value);
      if (!isArrival(record.timestamp)) {
        refused.push({ record, reason: "Its record's own date is not between 1970 and 9999" });
      } else if ("toot" in event && isAhead(event.toot.created_at, record.timestamp)) {
        refused.push({ record, reason: "Dated more than 5 minutes after its arrival" });
      } else {
        events.push({ offset: record.offset, arrivedMs: record.timestamp, event });
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

function isAhead(createdAt: string, arrivedMs: number): boolean {
  return Date.parse(createdAt) > arrivedMs + MAX_AHEAD_MS;
}
