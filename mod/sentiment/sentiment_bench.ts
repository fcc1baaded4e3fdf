/** Costs of scoring, loading and training, on made-up posts. */
import { madeUpColumns, madeUpText } from "./_testing.ts";
import { Featurizer } from "./features.ts";
import { loadShippedModel } from "./load.ts";
import { BEST } from "./presets.ts";
import { seededRandom } from "./prng.ts";
import { train } from "./train.ts";

const random = seededRandom(1);
const texts = Array.from({ length: 1000 }, (_, i) => madeUpText(i % 2, random));
const { model } = await loadShippedModel();
const featurizer = new Featurizer(BEST.features);
const columns = madeUpColumns(5000);

Deno.bench("load the shipped model", async () => {
  await loadShippedModel();
});

Deno.bench("tokenize 1,000 posts", () => {
  for (const text of texts) featurizer.tokenizer.read(text);
});

Deno.bench("count the features of 1,000 posts", () => {
  for (const text of texts) featurizer.read(text);
});

Deno.bench("score 1,000 posts", () => {
  for (const text of texts) model.score(text);
});

Deno.bench("train on 5,000 posts", async () => {
  await train(columns, { preset: BEST });
});
