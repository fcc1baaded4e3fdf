/**
 * The two ways to train: ours, and the one that the original Spark pipeline had.
 *
 * @module
 */
import { z } from "zod";
import { ModelError } from "./errors.ts";

/** Schema of the features of the preset `best`. */
export const NgramFeaturesSchema = z.object({
  kind: z.literal("ngrams"),
  bits: z.int().min(10).max(24),
  wordMax: z.int().min(1).max(3),
  charMin: z.int().min(2).max(6),
  charMax: z.int().min(0).max(6),
  charAcross: z.boolean(),
  hashtags: z.enum(["split", "mask", "keep"]),
  elongation: z.int().min(0).max(10),
  negationScope: z.int().min(0).max(100),
  maskDigits: z.boolean(),
});

/** Schema of the features of the preset `classic`. */
export const ClassicFeaturesSchema = z.object({
  kind: z.literal("classic"),
  bits: z.int().min(10).max(24),
  /** What parts words, as a regular expression. */
  gaps: z.string().max(100),
  /** Words left out: filled in by training, so that a stored model needs no package to score. */
  stopWords: z.array(z.string()),
});

/** Schema of how counts become values. */
export const WeightingSchema = z.object({
  sublinear: z.boolean(),
  normalize: z.boolean(),
  charWeight: z.number().positive(),
});

/** Everything that decides what a training run does with its rows. */
export const PresetSchema = z.object({
  name: z.enum(["best", "classic"]),
  features: z.discriminatedUnion("kind", [NgramFeaturesSchema, ClassicFeaturesSchema]),
  weighting: WeightingSchema,
  idf: z.enum(["smooth", "spark"]),
  naiveBayes: z.number().min(0).max(2),
  cost: z.number().positive(),
  passes: z.int().min(1).max(100),
  calibrationShare: z.number().min(0).max(0.5),
});

/** A preset: see the fields of {@link PresetSchema}. */
export type Preset = z.infer<typeof PresetSchema>;

/** Features of the preset `best`. */
export type NgramFeatures = z.infer<typeof NgramFeaturesSchema>;

/** Each value was chosen on held-out rows; ABLATION.md has what the others gave. */
export const BEST = {
  name: "best",
  features: {
    kind: "ngrams",
    bits: 21,
    wordMax: 2,
    charMin: 3,
    charMax: 6,
    charAcross: true,
    hashtags: "split",
    elongation: 2,
    negationScope: 8,
    maskDigits: true,
  },
  weighting: { sublinear: true, normalize: true, charWeight: 1 },
  idf: "smooth",
  naiveBayes: 0.35,
  cost: 0.015,
  passes: 3,
  calibrationShare: 0.05,
} as const satisfies Preset;

/**
 * The original pipeline: RegexTokenizer, StopWordsRemover, HashingTF of 2^18 buckets, IDF, logistic
 * regression, with raw counts and no normalisation. The regularisation that the original used is not
 * published; `cost` is the one at which held-out rows give what Spark gave on them.
 */
export const CLASSIC = {
  name: "classic",
  features: { kind: "classic", bits: 18, gaps: "\\W+", stopWords: [] },
  weighting: { sublinear: false, normalize: false, charWeight: 1 },
  idf: "spark",
  naiveBayes: 0,
  cost: 0.06,
  passes: 10,
  calibrationShare: 0,
} satisfies Preset;

/**
 * The preset of that name.
 *
 * @throws {ModelError} if there is none.
 *
 * @example
 * ```ts
 * import { presetOf } from "./presets.ts";
 * if (presetOf("best").features.kind !== "ngrams") throw new Error();
 * ```
 */
export function presetOf(name: string): Preset {
  if (name === "best") return BEST;
  if (name === "classic") return CLASSIC;
  throw new ModelError(`Cannot use preset "${name}": expected "best" or "classic"`);
}
