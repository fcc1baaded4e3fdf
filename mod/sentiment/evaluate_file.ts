/**
 * Measures a model on a file of labelled rows, streamed.
 *
 * @module
 */
import { evaluate, type Evaluation } from "./evaluate.ts";
import { readLabelled, type ReadTally } from "./labelled_rows.ts";
import type { Scorer, Thresholds } from "./scorer.ts";
import { evaluateThree, type ThreeClassEvaluation } from "./three_class.ts";

/** Measures on one file. */
export interface FileEvaluation {
  /** On the rows that are positive or negative. */
  readonly binary: Evaluation;
  /** On all rows, if some are neutral. */
  readonly threeClass?: ThreeClassEvaluation;
  /** Rows without a known label or without text. */
  readonly skipped: number;
}

/**
 * Scores each row as it is read; only numbers are kept.
 *
 * @throws {ModelError} if the file can't be read or has no known layout.
 *
 * @example
 * ```ts
 * import { evaluateFile } from "./evaluate_file.ts";
 * import { loadScorer } from "./load.ts";
 * const path = await Deno.makeTempFile({ suffix: ".csv" });
 * await Deno.writeTextFile(path, "label,text\npositive,I love it\nnegative,I hate it\n");
 * const thresholds = { low: 0.45, high: 0.55 };
 * const { binary } = await evaluateFile(path, { scorer: await loadScorer(), thresholds });
 * if (binary.accuracy !== 1) throw new Error();
 * ```
 */
export async function evaluateFile(
  path: string,
  options: {
    readonly scorer: Scorer;
    readonly thresholds: Thresholds;
    /** Called now and then with the number of rows read. */
    readonly onProgress?: (rows: number) => void;
    readonly signal?: AbortSignal;
  },
): Promise<FileEvaluation> {
  const { scorer, thresholds } = options;
  const scores: number[] = [];
  const targets: number[] = [];
  const tally: ReadTally = { skipped: 0 };
  for await (const rows of readLabelled(path, tally)) {
    options.signal?.throwIfAborted();
    for (const row of rows) {
      scores.push(scorer.score(row.text));
      targets.push(row.target);
    }
    options.onProgress?.(scores.length);
  }
  const binary = evaluate({
    scores: scores.filter((_, i) => targets[i] !== 0.5),
    labels: targets.filter((target) => target !== 0.5),
  });
  return {
    binary,
    ...(targets.includes(0.5)
      ? { threeClass: evaluateThree({ scores, targets }, thresholds) }
      : {}),
    skipped: tally.skipped,
  };
}
