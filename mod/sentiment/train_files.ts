/**
 * A whole training run: files → split → model → measures → model folder.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { WordTools } from "./classic_vectorizer.ts";
import { csvBatches } from "./csv_stream.ts";
import { evaluate, type Evaluation } from "./evaluate.ts";
import { readLabelled, type ReadTally } from "./labelled_rows.ts";
import { type Metadata, saveModel } from "./model_file.ts";
import type { Preset } from "./presets.ts";
import { seededRandom, shuffle } from "./prng.ts";
import { inValidationFifth, type Split, splitByIds, type SplitKind, splitRows } from "./split.ts";
import { calibrationSize, scoreColumns, train, type Trained, type TrainProgress } from "./train.ts";
import { type Columns, pick, TrainingSet } from "./training_set.ts";

/** What to train on, what to measure on, and where to write. */
export interface TrainFilesOptions {
  /** Files of rows labelled by emoticon; each row weighs 1. */
  readonly data: readonly string[];
  /** Files of rows labelled by people. */
  readonly human?: readonly string[];
  /** What such a row weighs. @default 6 */
  readonly humanWeight?: number;
  /** What a neutral row weighs: half positive, half negative. @default 2 */
  readonly neutralWeight?: number;
  /** A file labelled by hand that is measured on and never trained on. */
  readonly test?: string;
  /** A file of ids, a fifth of whose rows is kept for validation: see `inValidationFifth`. */
  readonly validationIds?: string;
  /** How to keep rows for validation when there are no ids. @default "random" */
  readonly split?: SplitKind;
  /** Share of rows so kept. @default 0.2 */
  readonly testShare?: number;
  readonly preset: Preset;
  /** @default 1 */
  readonly seed?: number;
  /** Folder for the model; none is written without it. */
  readonly out?: string;
  readonly thresholds?: { readonly low: number; readonly high: number };
  /** ISO 8601 time to note in the model. */
  readonly trainedAt?: string;
  readonly onProgress?: (progress: TrainProgress) => void;
  readonly wordTools?: WordTools;
  /** Ends the run; nothing is written then. */
  readonly signal?: AbortSignal;
}

/** What came of it. */
export interface TrainFilesResult {
  readonly trained: Trained;
  readonly validation: Evaluation;
  /** Measures on the `test` file. */
  readonly test?: Evaluation;
  readonly metadata?: Metadata;
  readonly rows: {
    readonly trained: number;
    readonly validation: number;
    readonly duplicates: number;
    readonly skipped: number;
    readonly excluded: number;
  };
  /** Milliseconds from opening the first file until the model stood. */
  readonly fitMs: number;
}

/**
 * Trains on files, measures, and writes the model.
 *
 * @throws {Error} if a file can't be read or has no known layout.
 *
 * @example
 * ```ts
 * import { trainFiles } from "./train_files.ts";
 * import { BEST } from "./presets.ts";
 * const path = await Deno.makeTempFile({ suffix: ".csv" });
 * const lines = Array.from({ length: 100 }, (_, i) =>
 *   i % 2 === 0 ? `positive,lovely thing ${i}` : `negative,horrid thing ${i}`);
 * await Deno.writeTextFile(path, `label,text\n${lines.join("\n")}\n`);
 * const preset = { ...BEST, features: { ...BEST.features, bits: 12 }, cost: 1 };
 * const { validation } = await trainFiles({ data: [path], preset });
 * if (validation.rows !== 20) throw new Error();
 * ```
 */
export async function trainFiles(options: TrainFilesOptions): Promise<TrainFilesResult> {
  const { preset, seed = 1, onProgress, wordTools } = options;
  const { humanWeight = 6, neutralWeight = 2 } = options;
  const started = performance.now();
  const set = new TrainingSet();
  const tally: ReadTally = { skipped: 0 };
  const testSet = new TrainingSet();
  if (options.test !== undefined) {
    for await (const rows of readLabelled(options.test)) {
      for (const row of rows) {
        testSet.add(row);
        set.exclude(row.text);
      }
    }
  }
  const hash = createHash("sha256");
  for (const [paths, weight] of [[options.data, 1], [options.human ?? [], humanWeight]] as const) {
    for (const path of paths) {
      for await (const rows of readLabelled(path, tally)) {
        options.signal?.throwIfAborted();
        for (const row of rows) {
          const weighs = row.target === 0.5 ? neutralWeight : weight;
          set.add(row, weighs);
          hash.update(`${row.target}\t${weighs}\t${row.text}\n`);
        }
      }
    }
  }
  const { columns } = set;
  const ids = options.validationIds === undefined
    ? undefined
    : await readIds(options.validationIds);
  const split: Split = ids === undefined
    ? splitRows(columns, {
      kind: options.split ?? "random",
      share: options.testShare ?? 0.2,
      seed,
    })
    : splitByIds(columns, ids);
  const training = pick(columns, split.train);
  const validation = pick(columns, split.test);
  const calibrationRows = ids === undefined || preset.calibrationShare === 0
    ? undefined
    : likeValidation(training, { ids, share: preset.calibrationShare, seed });
  const trained = await train(training, {
    preset,
    seed,
    validation,
    ...(calibrationRows === undefined ? {} : { calibrationRows }),
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(wordTools === undefined ? {} : { wordTools }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const fitMs = performance.now() - started;
  const measured = evaluate(scoreColumns(trained.model, validation), { seed });
  const test = options.test === undefined
    ? undefined
    : evaluate(scoreColumns(trained.model, testSet.columns), { seed });
  const metadata = options.out === undefined ? undefined : await saveModel(
    options.out,
    trained.model,
    {
      preset: trained.preset,
      training: {
        rows: training.texts.length,
        seed,
        dataHash: hash.digest("hex"),
        trainedAt: options.trainedAt ?? "",
      },
      metrics: {
        validation: { ...measured },
        ...(test === undefined ? {} : { test: { ...test } }),
      },
      thresholds: options.thresholds ?? { low: 0.45, high: 0.55 },
    },
  );
  return {
    trained,
    validation: measured,
    ...(test === undefined ? {} : { test }),
    ...(metadata === undefined ? {} : { metadata }),
    rows: {
      trained: training.texts.length,
      validation: validation.texts.length,
      duplicates: set.duplicates,
      skipped: tally.skipped,
      excluded: set.excluded,
    },
    fitMs,
  };
}

async function readIds(path: string): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  const file = await Deno.open(path);
  for await (const rows of csvBatches(file.readable, "utf-8")) {
    for (const row of rows) ids.add((row[0] ?? "").trim());
  }
  return ids;
}

/** Rows to calibrate on, drawn from those that the ids name outside the validation fifth. */
function likeValidation(
  columns: Columns,
  options: { readonly ids: ReadonlySet<string>; readonly share: number; readonly seed: number },
): Uint32Array | undefined {
  const rows: number[] = [];
  for (let row = 0; row < columns.ids.length; row++) {
    const id = columns.ids.at(row) ?? "";
    if (options.ids.has(id) && !inValidationFifth(id)) rows.push(row);
  }
  const wanted = calibrationSize(columns.texts.length, options.share);
  const order = Uint32Array.from(rows);
  shuffle(order, seededRandom(options.seed));
  // Half of them at most: training needs such rows as well.
  const drawn = order.subarray(0, Math.min(wanted, rows.length >> 1)).sort();
  return drawn.length < 100 ? undefined : drawn;
}
