/**
 * Positive, neutral and negative measured together, and the thresholds that suit them.
 *
 * @module
 */
import { type Label, labelOf, type Thresholds } from "./scorer.ts";

/** Probabilities of being positive with true labels, in parallel. */
export interface ThreeClassRows {
  readonly scores: ArrayLike<number>;
  /** 1 positive, 0.5 neutral, 0 negative. */
  readonly targets: ArrayLike<number>;
}

/** Measures over the three classes, each class counting alike. */
export interface ThreeClassEvaluation {
  readonly rows: number;
  readonly accuracy: number;
  /** Mean of the recalls: SemEval-2017's main measure (Rosenthal, Farra, Nakov 2017). */
  readonly averageRecall: number;
  /** Mean of the F1 of all three classes. */
  readonly macroF1: number;
  /** F1 of each class. */
  readonly f1: Readonly<Record<Label, number>>;
}

const LABELS: readonly Label[] = ["positive", "neutral", "negative"];

/**
 * Measures the labels that `thresholds` give.
 *
 * @example
 * ```ts
 * import { evaluateThree } from "./three_class.ts";
 * const rows = { scores: [0.9, 0.5, 0.1], targets: [1, 0.5, 0] };
 * if (evaluateThree(rows, { low: 0.45, high: 0.55 }).averageRecall !== 1) throw new Error();
 * ```
 */
export function evaluateThree(rows: ThreeClassRows, thresholds: Thresholds): ThreeClassEvaluation {
  const { scores, targets } = rows;
  const count = (): Record<Label, number> => ({ positive: 0, neutral: 0, negative: 0 });
  const [hits, said, are] = [count(), count(), count()];
  for (let i = 0; i < scores.length; i++) {
    const guess = labelOf(scores[i] ?? 0, thresholds);
    const target = targets[i] ?? 0;
    const truth: Label = target === 1 ? "positive" : target === 0 ? "negative" : "neutral";
    said[guess]++;
    are[truth]++;
    if (guess === truth) hits[guess]++;
  }
  const ratio = (a: number, b: number): number => b === 0 ? 0 : a / b;
  const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const f1Of = (label: Label): number => ratio(2 * hits[label], said[label] + are[label]);
  const f1 = {
    positive: f1Of("positive"),
    neutral: f1Of("neutral"),
    negative: f1Of("negative"),
  };
  return {
    rows: scores.length,
    accuracy: ratio(hits.positive + hits.neutral + hits.negative, scores.length),
    averageRecall: mean(LABELS.map((label) => ratio(hits[label], are[label]))),
    macroF1: mean(LABELS.map((label) => f1[label])),
    f1,
  };
}

/**
 * The thresholds, in steps of 0.01, with the highest macro F1 on these rows. Suggest them on other
 * rows than they are measured on.
 *
 * @example
 * ```ts
 * import { suggestThresholds } from "./three_class.ts";
 * const rows = { scores: [0.9, 0.6, 0.55, 0.1], targets: [1, 0.5, 0.5, 0] };
 * const { low, high } = suggestThresholds(rows);
 * if (!(low >= 0.1 && low < 0.55 && high > 0.6 && high <= 0.9)) throw new Error();
 * ```
 */
export function suggestThresholds(rows: ThreeClassRows): Thresholds {
  // Cumulative counts per class make each pair of thresholds a look-up.
  const bins = LABELS.map(() => new Float64Array(102));
  for (let i = 0; i < rows.scores.length; i++) {
    const target = rows.targets[i] ?? 0;
    const which = target === 1 ? 0 : target === 0 ? 2 : 1;
    const bin = bins[which];
    const at = 1 + Math.min(100, Math.max(0, Math.floor((rows.scores[i] ?? 0) * 100)));
    if (bin !== undefined) bin[at] = (bin[at] ?? 0) + 1;
  }
  for (const bin of bins) {
    for (let i = 1; i < bin.length; i++) bin[i] = (bin[i] ?? 0) + (bin[i - 1] ?? 0);
  }
  const below = (which: number, at: number): number => bins[which]?.[at] ?? 0;
  const total = (which: number): number => below(which, 101);
  let best: Thresholds = { low: 0.45, high: 0.55 };
  let bestF1 = -1;
  for (let low = 1; low < 100; low++) {
    for (let high = low; high < 100; high++) {
      const hits = [
        total(0) - below(0, high),
        below(1, high) - below(1, low),
        below(2, low),
      ];
      const all = (at: number): number => below(0, at) + below(1, at) + below(2, at);
      const said = [all(101) - all(high), all(high) - all(low), all(low)];
      let f1 = 0;
      for (let which = 0; which < 3; which++) {
        const either = (said[which] ?? 0) + total(which);
        f1 += either === 0 ? 0 : 2 * (hits[which] ?? 0) / either;
      }
      if (f1 > bestF1) {
        bestF1 = f1;
        best = { low: low / 100, high: high / 100 };
      }
    }
  }
  return best;
}
