/** Axes that several charts share. */
import * as Plot from "@observablehq/plot";
import { BROKEN_NOTE, DAY_MS, type DayAxis } from "./dates.ts";
import { CHART_PADDING, CHART_WIDTH, COLOUR } from "./theme.ts";

/** Space around a plot of columns, for its axes and their names. */
export const COLUMN_MARGINS = { marginLeft: 72, marginRight: 28, marginTop: 30, marginBottom: 46 };

/** Width of the plot's inside with `COLUMN_MARGINS`. */
export const COLUMN_WIDTH = CHART_WIDTH - COLUMN_MARGINS.marginLeft - COLUMN_MARGINS.marginRight;

/** Ticks with the names of days. */
export function dayTicks(axis: DayAxis): Plot.Markish[] {
  const labels = new Map(axis.ticks.map((tick) => [tick.at, tick.label]));
  return [Plot.axisX({
    ticks: axis.ticks.map((tick) => new Date(tick.at)),
    tickFormat: (date: Date) => labels.get(date.getTime()) ?? "",
    label: "day (UTC)",
    labelAnchor: "center",
    labelArrow: "none",
    labelOffset: 42,
  })];
}

/** Where a day's column starts and ends. */
export interface Column {
  x1: Date;
  x2: Date;
}

/**
 * Columns for days in ascending order, with a little air between them. In years of data a lone day
 * is widened until it can be seen, but never over the next one.
 */
export function dayColumns(days: readonly string[], axis: DayAxis): Column[] {
  const gap = axis.minSpan > DAY_MS / 4 ? 0 : DAY_MS * 0.08;
  return days.map((day, i) => {
    const start = axis.startOf(day);
    const next = days[i + 1];
    const room = next === undefined ? Infinity : axis.startOf(next) - start;
    const end = start + Math.min(room, Math.max(DAY_MS, axis.minSpan));
    return { x1: new Date(start + gap), x2: new Date(end - gap) };
  });
}

/** A note under an axis that leaves days out. */
export function brokenNote(axis: DayAxis | null): string[] {
  return axis?.isBroken === true ? [BROKEN_NOTE] : [];
}

/** Whether there is room for a number at each column. */
export function hasRoomForNumbers(axis: DayAxis): boolean {
  return (axis.domain[1] - axis.domain[0]) / DAY_MS <= 14;
}

/** A y axis with a name, and its grid behind the marks. */
export function valueAxis(options: {
  label: string;
  tickFormat: (value: number) => string;
  integers?: boolean;
  max?: number;
}): Plot.Markish[] {
  const ticks = options.integers === true && (options.max ?? Infinity) < 6
    ? Array.from({ length: Math.floor(options.max ?? 0) + 1 }, (_, i) => i)
    : 6;
  return [
    Plot.gridY({ ticks, stroke: COLOUR.grid, strokeOpacity: 1 }),
    Plot.axisY({ ticks, tickFormat: options.tickFormat, label: null, tickSize: 0 }),
    // Plot would put the name at the edge of the picture instead of under the title.
    Plot.text([options.label], {
      frameAnchor: "top-left",
      textAnchor: "start",
      lineAnchor: "bottom",
      dx: CHART_PADDING - COLUMN_MARGINS.marginLeft,
      dy: -14,
    }),
  ];
}
