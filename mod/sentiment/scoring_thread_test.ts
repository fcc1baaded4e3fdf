import { assertEquals, assertRejects } from "@std/assert";
import { loadScorer } from "./load.ts";
import { threadedScorer } from "./scoring_thread.ts";

const modelDir = "no/such/folder";

Deno.test("a scoring thread gives the numbers that the caller's own thread gives", async () => {
  const scorer = await loadScorer();
  using threaded = await threadedScorer(scorer, { modelDir });
  const texts = [
    "what a lovely day",
    "so sad and tired 😢",
    "",
    "lone \ud800 surrogate",
    "not bad",
  ];
  const expected = Float64Array.from(texts, (text) => scorer.score(text));
  const [first, second] = await Promise.all([
    threaded.scoreMany(texts),
    threaded.scoreMany(texts.toReversed()),
  ]);
  assertEquals(first, expected);
  assertEquals(second, expected.toReversed());
  assertEquals(await threaded.scoreMany([]), new Float64Array());
});

Deno.test("a scoring thread that finds another model is refused", async () => {
  await assertRejects(
    () => threadedScorer({ version: "another", score: () => 0.5 }, { modelDir }),
    Error,
    'The model changed from "another"',
  );
});
