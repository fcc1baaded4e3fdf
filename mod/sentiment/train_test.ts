import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertRejects,
} from "@std/assert";
import { madeUpColumns, SMALL } from "./_testing.ts";
import { expectedCalibrationError } from "./curves.ts";
import { ModelError } from "./errors.ts";
import { auc } from "./metrics.ts";
import { CLASSIC } from "./presets.ts";
import { scoreColumns, train } from "./train.ts";

const columns = madeUpColumns(4000);
const unseen = madeUpColumns(1000, 99);

Deno.test("a model learns, and its probabilities are calibrated", async () => {
  const preset = { ...SMALL, calibrationShare: 0.25 };
  const { model, passes } = await train(columns, { preset, validation: unseen });
  const scored = scoreColumns(model, unseen);
  // Nine tenths of the rows lean towards their label: the best AUC possible is 0.9.
  assertGreater(auc(scored), 0.87);
  // The truth is a step (0.1 or 0.9), which no sigmoid can follow closer than this.
  assertGreater(0.1, expectedCalibrationError(scored));
  assertEquals(passes.length, SMALL.passes);
  assertAlmostEquals(passes.at(-1)?.validationAuc ?? NaN, auc(scored), 1e-4);
});

Deno.test("one seed, one model; another seed, another; memory makes no difference", async () => {
  const run = async (seed: number, memoryEntries?: number) => {
    const memory = memoryEntries === undefined ? {} : { memoryEntries };
    return (await train(columns, { preset: SMALL, seed, ...memory })).model;
  };
  const first = await run(7);
  const again = await run(7);
  assertEquals(again.version, first.version);
  assertEquals(again.parts.weights.codes, first.parts.weights.codes);
  assertEquals((await run(7, 0)).version, first.version, "nothing kept in memory");
  assertEquals((await run(7, 50_000)).version, first.version, "some rows kept in memory");
  assert((await run(8)).version !== first.version);
});

Deno.test("rows set aside for calibration are not trained on", async () => {
  const extra = madeUpColumns(40, 5);
  const held = Uint32Array.from({ length: 20 }, (_, i) => i);
  const relabelled = { ...extra, targets: extra.targets.map((t, i) => i < 20 ? 1 - t : t) };
  const [a, b] = [
    await train(extra, { preset: SMALL, calibrationRows: held }),
    await train(relabelled, { preset: SMALL, calibrationRows: held }),
  ];
  assertEquals(a.model.parts.weights.codes, b.model.parts.weights.codes);
});

Deno.test("progress counts up to the end of each stage", async () => {
  const seen: string[] = [];
  await train(madeUpColumns(100), {
    preset: SMALL,
    onProgress: ({ stage, pass, done, rows }) => {
      if (done === rows) seen.push(`${stage} ${pass}`);
    },
  });
  assertEquals([...new Set(seen)], ["count 0", "pass 1", "pass 2", "pass 3"]);
});

Deno.test("an aborted run ends", async () => {
  const reason = new Error("enough");
  await assertRejects(
    () => train(columns, { preset: SMALL, signal: AbortSignal.abort(reason) }),
    Error,
    "enough",
  );
});

Deno.test("one class alone is refused", async () => {
  const one = { ...columns, targets: columns.targets.map(() => 1) };
  await assertRejects(
    () => train(one, { preset: SMALL }),
    ModelError,
    "one positive and one negative",
  );
});

Deno.test("the classic preset learns with the tools it is given and keeps their stop words", async () => {
  const wordTools = {
    tokenize: (text: string) => text.split(/\W+/),
    stopWords: new Set(["the", "a"]),
  };
  const preset = { ...CLASSIC, features: { ...CLASSIC.features, bits: 12 } };
  const { model, preset: used } = await train(columns, { preset, wordTools });
  assertGreater(auc(scoreColumns(model, unseen)), 0.85);
  assert(used.features.kind === "classic");
  assertEquals(used.features.stopWords, ["a", "the"]);
});
