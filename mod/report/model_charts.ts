/**
 * Charts about models: ROC, precision against recall, reliability.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import {
  calibration,
  type CalibrationBin,
  prCurve,
  rocCurve,
  type Scored,
} from "../sentiment/mod.ts";
import { COLUMN_MARGINS, valueAxis } from "./_axes.ts";
import { drawFrame, type LegendEntry } from "./frame.ts";
import { COLOUR, countOf, type Theme } from "./theme.ts";

/** A model's scores on rows with known labels, under a name. */
export interface NamedScores {
  name: string;
  scored: Scored;
}

/** What the axes of a chart of models mean. */
interface Axes {
  title: string;
  x: string;
  y: string;
  note: string;
  /** The line of a model that knows nothing, or of one that is perfectly calibrated. */
  diagonal: boolean;
}

interface Point {
  x: number;
  y: number;
  name: string;
}

const COLOURS = [COLOUR.positive, COLOUR.negative, "#009E73", "#CC79A7"];

/** The share of positives among fewer texts than this is mostly chance. */
const BIN_MIN = 20;

/** Curves have a point per row; the eye needs no more than these. */
const POINTS_MAX = 400;

/**
 * Draws the ROC curve of one or more models.
 *
 * @example A perfect model
 * ```ts
 * import { drawRoc } from "./model_charts.ts";
 * import { loadTheme } from "./theme.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const scored = { scores: [0.1, 0.9], labels: [0, 1] };
 * const svg = drawRoc([{ name: "best", scored }], await loadTheme());
 * assertStringIncludes(svg, "n = 2 labelled texts");
 * ```
 */
export function drawRoc(models: readonly NamedScores[], theme: Theme): string {
  return drawCurves(models, {
    theme,
    axes: {
      title: "ROC curve",
      x: "false positive rate",
      y: "true positive rate",
      note: "Dashed: a model that guesses. The further up and left, the better.",
      diagonal: true,
    },
    pointsOf: (scored) => rocCurve(scored).map(({ fpr, tpr }) => ({ x: fpr, y: tpr })),
  });
}

/** Draws precision against recall of one or more models. */
export function drawPrecisionRecall(models: readonly NamedScores[], theme: Theme): string {
  return drawCurves(models, {
    theme,
    axes: {
      title: "Precision and recall",
      x: "recall",
      y: "precision",
      note: "Of the texts called positive, the share that are (precision), and of the positive " +
        "ones the share found (recall), at every threshold.",
      diagonal: false,
    },
    pointsOf: (scored) =>
      prCurve(scored).map(({ recall, precision }) => ({ x: recall, y: precision })),
  });
}

/** Draws how often texts of a predicted probability are in fact positive. */
export function drawReliability(models: readonly NamedScores[], theme: Theme): string {
  return drawCurves(models, {
    theme,
    axes: {
      title: "Calibration",
      x: "predicted probability",
      y: "observed share of positives",
      note: `Dashed: perfect. Ten bins; those with fewer than ${BIN_MIN} texts are left out.`,
      diagonal: true,
    },
    pointsOf: (scored) =>
      calibration(scored).filter(isFilled).map(({ predicted, observed }) => ({
        x: predicted,
        y: observed,
      })),
  });
}

function isFilled(bin: CalibrationBin): boolean {
  return bin.count >= BIN_MIN;
}

function drawCurves(
  models: readonly NamedScores[],
  { theme, axes, pointsOf }: {
    theme: Theme;
    axes: Axes;
    pointsOf: (scored: Scored) => { x: number; y: number }[];
  },
): string {
  const legend: LegendEntry[] = models.map(({ name }, i) => ({
    label: name,
    colour: COLOURS[i % COLOURS.length] ?? COLOUR.ink,
  }));
  const colourOf = new Map(legend.map((entry) => [entry.label, entry.colour]));
  const points: Point[] = models.flatMap(({ name, scored }) =>
    thin(pointsOf(scored)).map((point) => ({ ...point, name }))
  );
  const n = models[0]?.scored.labels.length ?? 0;
  return drawFrame({
    title: axes.title,
    subtitle: `n = ${countOf(n, "labelled text")}`,
    legend,
    notes: [axes.note],
    source: "Source: scores of the models on texts that they were not trained on.",
    plot: points.length === 0 ? "No scores to show" : {
      ...COLUMN_MARGINS,
      height: 420,
      x: { domain: [0, 1] },
      y: { domain: [0, 1] },
      marks: [
        ...valueAxis({ label: axes.y, tickFormat: (value) => value.toFixed(1) }),
        Plot.axisX({
          ticks: 6,
          tickFormat: (value: number) => value.toFixed(1),
          label: axes.x,
          labelAnchor: "center",
          labelArrow: "none",
          labelOffset: 40,
        }),
        Plot.ruleY([0]),
        ...(axes.diagonal
          ? [Plot.line([[0, 0], [1, 1]], { stroke: COLOUR.muted, strokeDasharray: "4 4" })]
          : []),
        Plot.line(points, {
          x: "x",
          y: "y",
          z: "name",
          stroke: (point: Point) => colourOf.get(point.name) ?? COLOUR.ink,
          strokeWidth: 2,
        }),
      ],
    },
  }, theme);
}

function thin<T>(points: readonly T[]): T[] {
  const step = Math.ceil(points.length / POINTS_MAX);
  return points.filter((_, i) => i % step === 0 || i === points.length - 1);
}
