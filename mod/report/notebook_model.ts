/**
 * Labelled texts for the notebook about training: the user's own file, or made-up ones.
 *
 * @module
 */
import { compose, LANGUAGES } from "../mastodon/simulator/phrases.ts";
import { Random } from "../mastodon/simulator/random.ts";
import {
  type Columns,
  type LabelledRow,
  pick,
  readLabelled,
  splitRows,
  TrainingSet,
} from "../sentiment/mod.ts";

/** Rows to train on and rows to measure on, and where they come from. */
export interface LabelledSample {
  origin: string;
  train: Columns;
  test: Columns;
}

/** Settings of {@link labelledSample}. */
export interface SampleOptions {
  /** A file as `deno task train` reads it; null for made-up texts. */
  path: string | null;
  /** At most this many rows, drawn at random. @default 20000 */
  rows?: number;
  /** @default 1 */
  seed?: number;
}

/** How often a made-up text says nothing of the mood it is labelled with, and how often the label
 * is wrong: without both, any model would be perfect. */
const NOISE = { vague: 0.3, wrong: 0.08 };

/**
 * Reads or makes up labelled texts and keeps a fifth for measuring.
 *
 * @throws {Error} If the file cannot be read or has no known layout.
 *
 * @example Made-up texts
 * ```ts
 * import { labelledSample } from "./notebook_model.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { train, test } = await labelledSample({ path: null, rows: 100 });
 * assertEquals(train.texts.length > test.texts.length * 3, true);
 * ```
 */
export async function labelledSample(options: SampleOptions): Promise<LabelledSample> {
  const { path, rows = 20_000, seed = 1 } = options;
  const set = new TrainingSet();
  for (const row of path === null ? madeUpRows(rows, seed) : await drawRows(path, { rows, seed })) {
    set.add(row);
  }
  const { columns } = set;
  const split = splitRows(columns, { kind: "random", share: 0.2, seed });
  return {
    origin: path === null
      ? "texts that the simulator makes up, some of them labelled wrongly on purpose"
      : `rows drawn at random from ${path}`,
    train: pick(columns, split.train),
    test: pick(columns, split.test),
  };
}

/** A uniform sample of a file of any length (Vitter 1985, algorithm R). */
async function drawRows(
  path: string,
  { rows, seed }: { rows: number; seed: number },
): Promise<LabelledRow[]> {
  const random = new Random(seed);
  const kept: LabelledRow[] = [];
  let seen = 0;
  for await (const batch of readLabelled(path)) {
    for (const row of batch) {
      seen += 1;
      if (kept.length < rows) {
        kept.push(row);
        continue;
      }
      const place = random.below(seen);
      if (place < rows) kept[place] = row;
    }
  }
  return kept;
}

function* madeUpRows(rows: number, seed: number): Generator<LabelledRow> {
  const random = new Random(seed);
  const language = LANGUAGES.find(({ code }) => code === "en") ?? LANGUAGES[0];
  if (language === undefined) return;
  for (let i = 0; i < rows; i++) {
    const mood = random.chance(0.5) ? "positive" : "negative";
    const isVague = random.chance(NOISE.vague);
    const text = compose(random, { language, mood: isVague ? "neutral" : mood });
    const isWrong = random.chance(NOISE.wrong);
    const target = (mood === "positive") === isWrong ? 0 : 1;
    yield { text, target, id: String(i), user: "", date: "" };
  }
}
