/**
 * Labelled texts → a model.
 *
 * @module
 */
import type { Vectorizer } from "./vectorizer.ts";
import { betaCalibration, type Calibration, UNCALIBRATED } from "./calibrate.ts";
import { loadNatural, type WordTools } from "./classic_vectorizer.ts";
import { createVectorizer } from "./create_vectorizer.ts";
import { ModelError } from "./errors.ts";
import { FeatureRows } from "./feature_rows.ts";
import { FeatureCounter } from "./feature_scale.ts";
import { auc, type Scored } from "./metrics.ts";
import { Model } from "./model.ts";
import { modelVersion } from "./model_file.ts";
import type { Preset } from "./presets.ts";
import { seededRandom, shuffle } from "./prng.ts";
import { quantise } from "./quantise.ts";
import { Solver } from "./solver.ts";
import { type Columns, pick } from "./training_set.ts";

/** How far a training run has come. */
export interface TrainProgress {
  /** `count`: reading the features; `pass`: a pass of the solver. */
  readonly stage: "count" | "pass";
  /** Number of the pass, from 1; 0 while counting. */
  readonly pass: number;
  readonly passes: number;
  /** Rows done and to do in this stage. */
  readonly done: number;
  readonly rows: number;
  /** Mean loss (nats) of the last complete pass. */
  readonly loss?: number;
  /** Validation AUC after the last complete pass. */
  readonly validationAuc?: number;
}

/** What a run may be told. */
export interface TrainOptions {
  readonly preset: Preset;
  /** @default 1 */
  readonly seed?: number;
  /** Rows to report the AUC on after each pass (the first 10,000); never trained on. */
  readonly validation?: Columns;
  /**
   * Rows to calibrate on and not to train on: those most like what will be scored.
   * @default a random share
   */
  readonly calibrationRows?: Uint32Array;
  readonly onProgress?: (progress: TrainProgress) => void;
  /** Stands in for npm:natural in the preset `classic`. */
  readonly wordTools?: WordTools;
  /** Ends the run: {@link train} then throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** Feature entries kept in memory. @default 200,000,000 (800 MB) */
  readonly memoryEntries?: number;
}

/** A model and how its training went. */
export interface Trained {
  readonly model: Model;
  readonly passes: readonly { readonly loss: number; readonly validationAuc?: number }[];
  /** The preset as it was used: complete with stop words. */
  readonly preset: Preset;
}

/**
 * Trains on `columns`. The same rows, preset and seed give the same model to the byte.
 *
 * @throws {ModelError} if one of the classes is missing.
 *
 * @example
 * ```ts
 * import { train } from "./train.ts";
 * import { TrainingSet } from "./training_set.ts";
 * import { BEST } from "./presets.ts";
 * const set = new TrainingSet();
 * for (let i = 0; i < 40; i++) {
 *   const target = i % 2;
 *   const text = `${target === 1 ? "lovely" : "horrid"} thing number ${i}`;
 *   set.add({ text, target, id: "", user: "", date: "" });
 * }
 * const preset = { ...BEST, features: { ...BEST.features, bits: 12 }, cost: 1 };
 * const { model } = await train(set.columns, { preset });
 * if (!(model.score("lovely") > model.score("horrid"))) throw new Error();
 * ```
 */
export async function train(columns: Columns, options: TrainOptions): Promise<Trained> {
  const { seed = 1, validation, onProgress } = options;
  if (!columns.targets.includes(1) || !columns.targets.includes(0)) {
    throw new ModelError(
      `Cannot train on ${columns.targets.length} rows: at least one positive and one negative row is needed`,
    );
  }
  const { preset, vectorizer } = await prepare(options);
  const { weighting } = preset;
  const random = seededRandom(seed);
  const rows = new FeatureRows(columns.texts, {
    vectorizer,
    weighting,
    ...(options.memoryEntries === undefined ? {} : { budget: options.memoryEntries }),
  });
  const { targets } = columns;
  const costs = Float32Array.from(columns.weights, (weight) => weight * preset.cost);
  const passes: { loss: number; validationAuc?: number }[] = [];
  const report = (stage: TrainProgress["stage"], pass: number, done: number): void =>
    onProgress?.({
      stage,
      pass,
      passes: preset.passes,
      done,
      rows: rows.length,
      ...(passes.at(-1) ?? {}),
    });
  const held = options.calibrationRows ?? randomShare(columns, preset.calibrationShare, random);
  const heldSet = new Set(held);
  const stretches = { rows: rows.length, signal: options.signal };
  const { idf, naiveBayes } = preset;
  // The scale must not know the labels that calibration will ask for.
  const known = costs.map((cost, row) => heldSet.has(row) ? 0 : cost);
  const counter = new FeatureCounter(rows, { targets, costs: known, idf, naiveBayes });
  await inStretches(stretches, (from, to) => {
    counter.count(from, to);
    report("count", 0, to);
  });
  const solver = new Solver(rows, { scale: counter.scale(), targets, costs });
  const all = Uint32Array.from({ length: rows.length }, (_, row) => row);
  const order = all.filter((row) => !heldSet.has(row));
  const glance = validation === undefined ? undefined : pick(
    validation,
    Uint32Array.from({ length: Math.min(GLANCE, validation.texts.length) }, (_, row) => row),
  );
  const build = (calibration: Calibration): Model => {
    const { weights, bias } = solver.weights();
    const quantised = quantise(weights);
    const version = modelVersion({ preset, weights: quantised, bias, calibration });
    return new Model({ version, vectorizer, weighting, weights: quantised, bias, calibration });
  };
  let calibration = UNCALIBRATED;
  for (let pass = 1; pass <= preset.passes; pass++) {
    shuffle(order, random);
    let [sum, weight] = [0, 0];
    await inStretches({ ...stretches, rows: order.length }, (from, to) => {
      const met = solver.visit(order.subarray(from, to));
      sum += met.loss;
      weight += met.weight;
      report("pass", pass, to);
    });
    const loss = sum / weight;
    if (glance === undefined) passes.push({ loss });
    else passes.push({ loss, validationAuc: auc(scoreColumns(build(calibration), glance)) });
    report("pass", pass, rows.length);
  }
  if (held.length > 0) calibration = calibrate(solver, held, targets);
  return { model: build(calibration), passes, preset };
}

/**
 * Scores rows that are not neutral.
 *
 * @example
 * ```ts
 * import { scoreColumns } from "./train.ts";
 * const scorer = { version: "half", score: () => 0.5 };
 * const columns = { texts: ["a"], targets: [1], weights: [1], ids: [""], users: [0], times: [NaN] };
 * if (scoreColumns(scorer, columns).scores[0] !== 0.5) throw new Error();
 * ```
 */
export function scoreColumns(
  scorer: { score(text: string): number },
  columns: Columns,
): Scored {
  const rows = columns.targets.flatMap((target, row) => target === 0.5 ? [] : [row]);
  return {
    scores: Float64Array.from(rows, (row) => scorer.score(columns.texts.at(row) ?? "")),
    labels: Uint8Array.from(rows, (row) => columns.targets[row] ?? 0),
  };
}

function calibrate(
  solver: Solver,
  held: Uint32Array,
  targets: readonly number[],
): Calibration {
  const rows = held.filter((row) => targets[row] !== 0.5);
  return betaCalibration(
    Float64Array.from(rows, (row) => solver.logit(row)),
    Uint8Array.from(rows, (row) => targets[row] ?? 0),
  );
}

/** The classic preset with its stop words, and the tools that they came with. */
async function prepare(options: TrainOptions): Promise<{ preset: Preset; vectorizer: Vectorizer }> {
  const { preset } = options;
  const { features } = preset;
  if (features.kind === "ngrams") return { preset, vectorizer: createVectorizer(features) };
  const tools = options.wordTools ?? await loadNatural(features.gaps);
  const filled = { ...features, stopWords: [...tools.stopWords].sort() };
  return {
    preset: { ...preset, features: filled },
    vectorizer: createVectorizer(filled, tools),
  };
}

/** More rows would hardly move three parameters. */
const MAX_CALIBRATION = 4000;

/**
 * How many of `rows` rows to calibrate on.
 *
 * @example
 * ```ts
 * import { calibrationSize } from "./train.ts";
 * if (calibrationSize(1000, 0.05) !== 50 || calibrationSize(1e6, 0.05) !== 4000) throw new Error();
 * ```
 */
export function calibrationSize(rows: number, share: number): number {
  return Math.min(MAX_CALIBRATION, Math.floor(rows * share));
}

/** Validation rows that the progress is measured on. */
const GLANCE = 10_000;
const STRETCH = 4096;
const BREATH_MS = 100;

/** Work cut into stretches, with room between them for signals and timers. */
async function inStretches(
  options: { readonly rows: number; readonly signal: AbortSignal | undefined },
  work: (from: number, to: number) => void,
): Promise<void> {
  let last = performance.now();
  for (let from = 0; from < options.rows; from += STRETCH) {
    options.signal?.throwIfAborted();
    work(from, Math.min(options.rows, from + STRETCH));
    if (performance.now() - last < BREATH_MS) continue;
    await new Promise((resolve) => setTimeout(resolve, 0));
    last = performance.now();
  }
}

function randomShare(columns: Columns, share: number, random: () => number): Uint32Array {
  const order = Uint32Array.from({ length: columns.texts.length }, (_, row) => row);
  shuffle(order, random);
  return order.subarray(0, calibrationSize(order.length, share)).sort();
}
