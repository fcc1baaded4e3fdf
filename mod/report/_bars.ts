/** Rows of bars with names of any script and length at their left. */
import * as Plot from "@observablehq/plot";
import { textWidth } from "./font.ts";
import { drawableLabel, fitLabel } from "./label.ts";
import { CHART_PADDING, TEXT_SIZE, type Theme } from "./theme.ts";

const NAME_WIDTH_MAX = 260;

/** Rows that a chart can draw: ranks for the scale, names that fit. */
export interface NamedRows {
  /** One name per row, in the order given. */
  names: string[];
  /** Left margin that holds the widest of them and the rank. */
  marginLeft: number;
  /** Whether some name had characters that the font lacks. */
  hasNamed: boolean;
}

/** Makes names drawable, cuts them to fit, and measures the margin that they need. */
export function layOutNames(texts: readonly string[], theme: Theme): NamedRows {
  const size = TEXT_SIZE.label;
  const labels = texts.map((text) => drawableLabel(text, theme.regular));
  const names = labels.map((label) =>
    fitLabel(label.text, { font: theme.regular, size, width: NAME_WIDTH_MAX })
  );
  const widest = Math.max(
    60,
    ...names.map((name) => textWidth(name, { font: theme.regular, size })),
  );
  return {
    names,
    marginLeft: Math.ceil(widest) + CHART_PADDING + 36,
    hasNamed: labels.some((label) => label.isNamed),
  };
}

/** The ranks and names at the left of the bars. Each row has its rank as y. */
export function nameMarks(rows: NamedRows): Plot.Markish[] {
  const data = rows.names.map((name, i) => ({ name, rank: i + 1 }));
  const common = { y: "rank", frameAnchor: "left" as const, fontSize: TEXT_SIZE.label };
  return [
    Plot.text(data, { ...common, text: "name", textAnchor: "end", dx: -8 }),
    Plot.text(data, {
      ...common,
      text: (row) => `${row.rank}`,
      textAnchor: "end",
      dx: -rows.marginLeft + CHART_PADDING + 16,
      fillOpacity: 0.6,
    }),
  ];
}

/** What to say where a name had to be spelled as code points. */
export const NAMED_NOTE = "U+… stands for a character that the chart's font lacks; " +
  "the CSV beside it has every name in full, by rank.";
