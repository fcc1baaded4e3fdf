/**
 * When people post: a daily rhythm in UTC, as seen on an instance with mostly European and some
 * American and Asian users.
 *
 * @module
 */

/** Relative activity of each hour of the day in UTC. A table, not a sine: exact on every machine. */
const HOURLY = [
  5,
  4,
  3,
  3,
  3,
  4,
  6,
  9,
  11,
  12,
  12,
  13,
  14,
  13,
  12,
  12,
  13,
  15,
  17,
  19,
  20,
  17,
  12,
  8,
] as const;

/** On the last day the rising topic brings this much more activity by evening. */
const LAST_DAY_BOOST = 0.6;

const HOUR_MS = 3_600_000;

/**
 * Maps shares of the whole stream to moments: `momentOf(0.5)` is when half of the events have
 * happened. Monotone.
 *
 * @example
 * ```ts
 * import { rhythm } from "./rhythm.ts";
 * const momentOf = rhythm({ start: Date.parse("2026-01-05"), days: 1 });
 * if (momentOf(0) !== Date.parse("2026-01-05")) throw new Error("starts at the start");
 * ```
 */
export function rhythm(
  span: { readonly start: number; readonly days: number },
): (share: number) => number {
  const hours = Math.max(1, Math.round(span.days * 24));
  const cumulative = [0];
  let total = 0;
  for (let hour = 0; hour < hours; hour++) {
    const clock = new Date(span.start + hour * HOUR_MS).getUTCHours();
    total += (HOURLY[clock] ?? 1) * (1 + LAST_DAY_BOOST * rise(hour, hours));
    cumulative.push(total);
  }
  return (share) => {
    const target = share * total;
    let low = 0;
    let high = hours - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulative[middle + 1] ?? 0) <= target) low = middle + 1;
      else high = middle;
    }
    const before = cumulative[low] ?? 0;
    const width = (cumulative[low + 1] ?? before) - before;
    const part = width > 0 ? (target - before) / width : 0;
    return span.start + Math.floor((low + Math.min(1, part)) * HOUR_MS);
  };
}

/**
 * How far the rising topic has risen at an hour of the stream: 0 until the last day (the last
 * third of a shorter stream), then up to 1.
 */
export function rise(hour: number, hours: number): number {
  const length = Math.min(24, Math.max(1, Math.floor(hours / 3)));
  return Math.min(1, Math.max(0, (hour - (hours - length)) / length));
}
