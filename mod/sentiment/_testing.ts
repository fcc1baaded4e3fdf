/** What several tests here need: small sets of rows and a small model. */
import { type Preset } from "./presets.ts";
import { BEST } from "./presets.ts";
import { seededRandom } from "./prng.ts";
import { type Columns, TrainingSet } from "./training_set.ts";

/** The preset `best`, small enough for tests. */
export const SMALL = {
  ...BEST,
  features: { ...BEST.features, bits: 14 },
  cost: 0.3,
} satisfies Preset;

const GOOD = "love great happy wonderful thanks sunny lovely best enjoy sweet".split(" ");
const BAD = "hate awful sad terrible sorry broken angry worst lost sick".split(" ");
const PLAIN = "the a train today tweet work home phone coffee monday people film".split(" ");

/** A made-up text with words that lean towards its label; some rows lean the other way. */
export function madeUpText(label: number, random: () => number): string {
  const lean = random() < 0.9 ? label : 1 - label;
  const from = (words: readonly string[]): string =>
    words[Math.floor(random() * words.length)] ?? "";
  const words = Array.from({ length: 4 + Math.floor(random() * 6) }, () => from(PLAIN));
  words[Math.floor(random() * words.length)] = from(lean === 1 ? GOOD : BAD);
  return `${words.join(" ")} ${Math.floor(random() * 1e6)}`;
}

/** Made-up rows, half of them positive. */
export function madeUpColumns(rows: number, seed = 1): Columns {
  const random = seededRandom(seed);
  const set = new TrainingSet();
  for (let i = 0; i < rows; i++) {
    const target = i % 2;
    set.add({ text: madeUpText(target, random), target, id: `${i}`, user: `u${i % 50}`, date: "" });
  }
  return set.columns;
}
