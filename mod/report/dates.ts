/**
 * Days on a chart: their names, and which of them get a tick. Everything is UTC.
 *
 * @module
 */
import type { TimeRange } from "../stats/report_data.ts";

/** Milliseconds of a day; UTC days have no leap seconds in JavaScript. */
export const DAY_MS = 86_400_000;

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** Midnight that starts the day `YYYY-MM-DD`, in milliseconds. */
export function dayStart(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

/** `4 Nov 2022`, or `4 Nov` without the year. */
export function formatDay(time: number, options: { year: boolean }): string {
  const date = new Date(time);
  const short = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
  return options.year ? `${short} ${date.getUTCFullYear()}` : short;
}

/**
 * The days that a half-open range touches, as `4 – 9 Nov 2022`.
 *
 * @example One day, one month, two years
 * ```ts
 * import { formatRange } from "./dates.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const day = (text: string) => new Date(`${text}T00:00:00Z`);
 * assertEquals(formatRange({ from: day("2022-11-04"), to: day("2022-11-05") }), "4 Nov 2022");
 * assertEquals(formatRange({ from: day("2022-11-04"), to: day("2022-11-10") }), "4 – 9 Nov 2022");
 * assertEquals(
 *   formatRange({ from: day("2022-12-31"), to: day("2023-01-02") }),
 *   "31 Dec 2022 – 1 Jan 2023",
 * );
 * ```
 */
export function formatRange(range: TimeRange): string {
  const first = range.from.getTime();
  const last = Math.max(first, range.to.getTime() - 1);
  const end = formatDay(last, { year: true });
  const [a, b] = [new Date(first), new Date(last)];
  if (a.toISOString().slice(0, 10) === b.toISOString().slice(0, 10)) return end;
  if (a.getUTCFullYear() !== b.getUTCFullYear()) {
    return `${formatDay(first, { year: true })} – ${end}`;
  }
  if (a.getUTCMonth() !== b.getUTCMonth()) return `${formatDay(first, { year: false })} – ${end}`;
  return `${a.getUTCDate()} – ${end}`;
}

/** A range within a day, as `4 Nov 2022 06:00 – 12:30`. */
export function formatTimes(range: TimeRange): string {
  const day = formatDay(range.from.getTime(), { year: true });
  const [from, to] = [range.from, range.to].map((time) => time.toISOString().slice(11, 16));
  return `${day} ${from} – ${to}`;
}

/** The days of a chart's axis and the ticks on it, all in milliseconds. */
export interface DayAxis {
  /** Start of the first day and end of the last, at least a week apart. */
  domain: [number, number];
  /** Where ticks stand: at the middle of their day. */
  ticks: { at: number; label: string }[];
  /** The shortest span that is still visible, for bars of single days in years of data. */
  minSpan: number;
  /** Whether days without data are left out, so that the axis is no scale of time. */
  isBroken: boolean;
  /** Where a day starts on the axis. */
  startOf(day: string): number;
}

/** What to say under a broken axis. */
export const BROKEN_NOTE = "Only days with data stand on the axis; the time between varies.";

/** From so many days on, an axis that is mostly empty is broken. */
const BROKEN_FROM_DAYS = 60;
const BROKEN_BELOW_SHARE = 0.25;

/**
 * Lays out an axis for days: a tick for each of up to ten days, else every few days, weeks or
 * months. Fewer than seven days are centred in a week, so that one day is no bar across the page.
 * Where a few days lie scattered over months or years, only they stand on the axis.
 *
 * @param days Days as `YYYY-MM-DD`, in ascending order; at least one.
 * @param options Width of the axis in CSS pixels.
 *
 * @example One day stands in the middle of a week
 * ```ts
 * import { dayAxis, DAY_MS } from "./dates.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const axis = dayAxis(["2022-11-04"], { width: 700 });
 * assertEquals(axis.domain[1] - axis.domain[0], 7 * DAY_MS);
 * assertEquals(axis.ticks.map((tick) => tick.label), ["4 Nov 2022"]);
 * ```
 */
export function dayAxis(days: readonly string[], options: { width: number }): DayAxis {
  const first = dayStart(days[0] ?? "");
  const nSpanned = Math.round((dayStart(days.at(-1) ?? "") - first) / DAY_MS) + 1;
  const isBroken = nSpanned > BROKEN_FROM_DAYS && days.length < nSpanned * BROKEN_BELOW_SHARE;
  const places = new Map(days.map((day, i) => [day, first + i * DAY_MS]));
  const startOf = (day: string) => isBroken ? places.get(day) ?? NaN : dayStart(day);
  const nDays = isBroken ? days.length : nSpanned;
  const pad = Math.max(0, 7 - nDays) / 2 * DAY_MS;
  const domain: [number, number] = [first - pad, first + nDays * DAY_MS + pad];
  const dayAt = (i: number) => isBroken ? dayStart(days[i] ?? "") : first + i * DAY_MS;
  return {
    domain,
    ticks: ticksOf(nDays, { first, dayAt, isBroken }),
    minSpan: 1.5 * (domain[1] - domain[0]) / options.width,
    isBroken,
    startOf,
  };
}

function ticksOf(
  nDays: number,
  { first, dayAt, isBroken }: {
    first: number;
    dayAt: (i: number) => number;
    isBroken: boolean;
  },
): DayAxis["ticks"] {
  const steps = isBroken ? [] : [1, 2, 7, 14, 30, 60, 91, 182, 365];
  const nMost = isBroken ? 7 : 10;
  const step = steps.find((each) => nDays / each <= nMost) ?? Math.ceil(nDays / nMost);
  const ticks = [];
  let year = NaN;
  for (let i = 0; i < nDays; i += step) {
    const time = dayAt(i);
    const its = new Date(time).getUTCFullYear();
    const label = formatDay(time, { year: its !== year });
    ticks.push({ at: first + i * DAY_MS + DAY_MS / 2, label });
    year = its;
  }
  return ticks;
}
