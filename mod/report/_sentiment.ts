/** How the three labels are named, ordered and coloured. */
import type { SentimentCounts } from "../stats/report_data.ts";
import type { LegendEntry } from "./frame.ts";
import { COLOUR } from "./theme.ts";

/** From negative to positive, the order in which they are stacked and listed. */
export const SENTIMENT_LEGEND: readonly LegendEntry[] = [
  { label: "negative", colour: COLOUR.negative },
  { label: "neutral", colour: COLOUR.neutral },
  { label: "positive", colour: COLOUR.positive },
];

/** One part of a stack, from and to in toots. */
export interface StackPart extends LegendEntry {
  n: number;
  from: number;
  to: number;
}

/** The parts of a stacked column, negative at the bottom. */
export function stackLabels(counts: SentimentCounts): StackPart[] {
  let to = 0;
  return SENTIMENT_LEGEND.map((entry) => {
    const n = labelCount(counts, entry.label);
    const from = to;
    to += n;
    return { ...entry, n, from, to };
  });
}

function labelCount(counts: SentimentCounts, label: string): number {
  if (label === "negative") return counts.nNeg;
  return label === "positive" ? counts.nPos : counts.nNeu;
}
