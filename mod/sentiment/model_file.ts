/**
 * Model files, format 1. A folder holds
 *
 * - `model.json`: everything but the weights, see {@link MetadataSchema}; its last key, `checksum`,
 *   is the SHA-256 of the same JSON without it (`JSON.stringify` with no indentation);
 * - `weights-<first 16 digits of their SHA-256>.bin`: one signed byte per bucket, nothing else.
 *   Code c stands for sign(c) × (c / 127)² × `weights.limit`.
 *
 * The weights are written before the JSON that names them, and each file under another name that is
 * then changed: whoever reads finds the old model or the new one, whenever the writer dies.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Calibration } from "./calibrate.ts";
import { createVectorizer } from "./create_vectorizer.ts";
import { ModelError } from "./errors.ts";
import { Model } from "./model.ts";
import { type Preset, PresetSchema } from "./presets.ts";
import type { QuantisedWeights } from "./quantise.ts";

/** Name of the metadata file. */
export const METADATA_FILE = "model.json";

const FORMAT = "mastodon-pulse-sentiment";
const FORMAT_VERSION = 1;

/** What `model.json` holds. */
export const MetadataSchema = z.object({
  format: z.literal(FORMAT),
  formatVersion: z.literal(FORMAT_VERSION),
  /** Preset and the start of a hash of everything that decides a score. */
  version: z.string().regex(/^[\w.-]{1,64}$/),
  preset: PresetSchema,
  bias: z.number(),
  calibration: z.object({ above: z.number(), below: z.number(), offset: z.number() }),
  weights: z.object({
    file: z.string().regex(/^weights-[0-9a-f]{16}\.bin$/),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    limit: z.number().min(0),
  }),
  training: z.object({
    rows: z.int(),
    seed: z.int(),
    /** SHA-256 of the training rows. */
    dataHash: z.string(),
    /** ISO 8601. */
    trainedAt: z.string(),
  }),
  /** Measures by name of the rows that they were taken on. */
  metrics: z.record(z.string(), z.record(z.string(), z.unknown())),
  thresholds: z.object({ low: z.number(), high: z.number() }),
});

/** The metadata of a model. */
export type Metadata = z.infer<typeof MetadataSchema>;

/** What the trainer knows and the model itself does not. */
export type ModelNotes = Pick<Metadata, "training" | "metrics" | "thresholds">;

/** A model that was read, with its metadata. */
export interface LoadedModel {
  readonly model: Model;
  readonly metadata: Metadata;
}

/**
 * Names a model after what decides its scores.
 *
 * @example
 * ```ts
 * import { UNCALIBRATED } from "./calibrate.ts";
 * import { modelVersion } from "./model_file.ts";
 * import { BEST } from "./presets.ts";
 * const weights = { bits: 10, limit: 1, codes: new Int8Array(1024) };
 * const version = modelVersion({
 *   preset: BEST, weights, bias: 0, calibration: UNCALIBRATED,
 * });
 * if (!version.startsWith("best-")) throw new Error();
 * ```
 */
export function modelVersion(parts: {
  readonly preset: Preset;
  readonly weights: QuantisedWeights;
  readonly bias: number;
  readonly calibration: Calibration;
}): string {
  const { preset, weights, bias, calibration } = parts;
  const rest = JSON.stringify([preset, weights.limit, bias, calibration]);
  return `${preset.name}-${sha256(weights.codes, rest).slice(0, 12)}`;
}

/**
 * Writes a model into folder `dir` (made if missing); an older one there is replaced as one step.
 *
 * @example
 * ```ts
 * import { UNCALIBRATED } from "./calibrate.ts";
 * import { loadModel, saveModel } from "./model_file.ts";
 * import { Model } from "./model.ts";
 * import { BEST } from "./presets.ts";
 * import { Featurizer } from "./features.ts";
 * const preset = { ...BEST, features: { ...BEST.features, bits: 12 } };
 * const model = new Model({
 *   version: "demo", bias: 0.5, calibration: UNCALIBRATED,
 *   vectorizer: new Featurizer(preset.features), weighting: preset.weighting,
 *   weights: { bits: 12, limit: 1, codes: new Int8Array(4096) },
 * });
 * const dir = await Deno.makeTempDir();
 * const training = { rows: 0, seed: 1, dataHash: "", trainedAt: "2026-01-01T00:00:00Z" };
 * await saveModel(dir, model, {
 *   preset, training, metrics: {}, thresholds: { low: 0.45, high: 0.55 },
 * });
 * const { model: again } = await loadModel(dir);
 * if (again.score("hm") !== model.score("hm")) throw new Error();
 * ```
 */
export async function saveModel(
  dir: string,
  model: Model,
  notes: ModelNotes & { readonly preset: Preset },
): Promise<Metadata> {
  const { weights, bias, calibration } = model.parts;
  const hash = sha256(weights.codes);
  const { preset, training, metrics, thresholds } = notes;
  const metadata: Metadata = MetadataSchema.parse({
    format: FORMAT,
    formatVersion: FORMAT_VERSION,
    version: model.version,
    preset,
    bias,
    calibration,
    weights: { file: `weights-${hash.slice(0, 16)}.bin`, sha256: hash, limit: weights.limit },
    training,
    metrics,
    thresholds,
  });
  await Deno.mkdir(dir, { recursive: true });
  const bytes = new Uint8Array(
    weights.codes.buffer,
    weights.codes.byteOffset,
    weights.codes.length,
  );
  await writeWhole(`${dir}/${metadata.weights.file}`, bytes);
  const checked = { ...metadata, checksum: sha256(JSON.stringify(metadata)) };
  const json = new TextEncoder().encode(`${JSON.stringify(checked, null, 2)}\n`);
  await writeWhole(`${dir}/${METADATA_FILE}`, json);
  for await (const entry of Deno.readDir(dir)) {
    const old = /^weights-[0-9a-f]{16}\.bin$/.test(entry.name) &&
      entry.name !== metadata.weights.file;
    if (old) await Deno.remove(`${dir}/${entry.name}`);
  }
  return metadata;
}

/**
 * Reads the model in folder `dir`. Needs read permission only.
 *
 * @throws {ModelError} if there is none, or it is corrupt, truncated or of an unknown format version.
 */
export async function loadModel(dir: string | URL): Promise<LoadedModel> {
  const folder = String(dir).replace(/\/$/, "");
  const path = (file: string): string | URL =>
    dir instanceof URL ? new URL(`${folder}/${file}`) : `${folder}/${file}`;
  const metadata = await readMetadata(path(METADATA_FILE), folder);
  const { preset, weights: about, bias, calibration, version } = metadata;
  const bytes = await Deno.readFile(path(about.file)).catch((error: unknown) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw refusal(folder, `its weights "${about.file}" are missing`);
  });
  const expected = 2 ** preset.features.bits;
  if (bytes.length !== expected) {
    throw refusal(folder, `"${about.file}" holds ${bytes.length} bytes instead of ${expected}`);
  }
  if (sha256(bytes) !== about.sha256) throw refusal(folder, `"${about.file}" was changed`);
  const codes = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const vectorizer = createVectorizer(preset.features);
  const weights = { bits: preset.features.bits, limit: about.limit, codes };
  const { weighting } = preset;
  const model = new Model({ version, vectorizer, weighting, weights, bias, calibration });
  return { model, metadata };
}

async function readMetadata(path: string | URL, folder: string): Promise<Metadata> {
  let json: unknown;
  try {
    json = JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof SyntaxError) throw refusal(folder, `"${METADATA_FILE}" is not JSON`);
    if (error instanceof Deno.errors.NotFound) throw refusal(folder, "there is none");
    throw error;
  }
  const head = z.looseObject({ format: z.unknown(), formatVersion: z.unknown() }).safeParse(json);
  if (!head.success || head.data.format !== FORMAT) {
    throw refusal(folder, `"${METADATA_FILE}" is no model of this program`);
  }
  const { checksum, ...rest } = head.data;
  if (rest.formatVersion !== FORMAT_VERSION) {
    throw refusal(
      folder,
      `its format version is ${
        JSON.stringify(rest.formatVersion)
      }, this program reads ${FORMAT_VERSION}`,
    );
  }
  if (checksum !== sha256(JSON.stringify(rest))) {
    throw refusal(folder, `"${METADATA_FILE}" was changed`);
  }
  const parsed = MetadataSchema.safeParse(rest);
  if (!parsed.success) throw refusal(folder, z.prettifyError(parsed.error).replaceAll("\n", " "));
  return parsed.data;
}

function refusal(folder: string, reason: string): ModelError {
  return new ModelError(
    `Cannot load the model in "${folder}": ${reason}; train it again or remove the folder`,
  );
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    using file = await Deno.open(temporary, { write: true, createNew: true });
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    await file.sync();
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
  await Deno.rename(temporary, path);
}

function sha256(...parts: (string | Uint8Array | Int8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
