import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import fc from "fast-check";
import { madeUpColumns, SMALL } from "./_testing.ts";
import { ModelError } from "./errors.ts";
import { findModel } from "./load.ts";
import { loadModel, METADATA_FILE, saveModel } from "./model_file.ts";
import { CLASSIC } from "./presets.ts";
import { train } from "./train.ts";

const NOTES = {
  training: { rows: 400, seed: 1, dataHash: "", trainedAt: "2026-01-01T00:00:00.000Z" },
  metrics: { validation: { auc: 0.5 } },
  thresholds: { low: 0.45, high: 0.55 },
};
const { model } = await train(madeUpColumns(400), { preset: SMALL });

async function saved(): Promise<{ dir: string; weights: string }> {
  const dir = await Deno.makeTempDir();
  const metadata = await saveModel(dir, model, { ...NOTES, preset: SMALL });
  return { dir, weights: `${dir}/${metadata.weights.file}` };
}

Deno.test("a model that was written and read scores the same", async () => {
  const { dir } = await saved();
  const loaded = await loadModel(dir);
  assertEquals(loaded.model.version, model.version);
  assertEquals(loaded.metadata.training, NOTES.training);
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    assertEquals(loaded.model.score(text), model.score(text));
  }));
});

Deno.test("a newer model replaces the older one, and nothing else is left", async () => {
  const { dir } = await saved();
  const other = await train(madeUpColumns(400, 2), { preset: SMALL });
  await saveModel(dir, other.model, { ...NOTES, preset: SMALL });
  assertEquals((await loadModel(dir)).model.version, other.model.version);
  const names = (await Array.fromAsync(Deno.readDir(dir))).map((entry) => entry.name);
  assertEquals(names.length, 2, names.join());
});

Deno.test("weights written, metadata not yet: the older model is still there", async () => {
  const { dir } = await saved();
  await Deno.writeFile(`${dir}/weights-0123456789abcdef.bin`, new Uint8Array(5));
  await Deno.writeFile(`${dir}/${METADATA_FILE}.1234.tmp`, new Uint8Array(5));
  assertEquals((await loadModel(dir)).model.version, model.version);
});

Deno.test("truncated, changed and missing weights are refused", async () => {
  const { dir, weights } = await saved();
  const bytes = await Deno.readFile(weights);
  await Deno.writeFile(weights, bytes.slice(0, -1));
  await assertRejects(() => loadModel(dir), ModelError, "bytes instead of");
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  await Deno.writeFile(weights, bytes);
  await assertRejects(() => loadModel(dir), ModelError, "was changed");
  await Deno.remove(weights);
  await assertRejects(() => loadModel(dir), ModelError, "are missing");
});

Deno.test("any single changed character of the metadata is refused, or changes nothing", async () => {
  const { dir } = await saved();
  const path = `${dir}/${METADATA_FILE}`;
  const text = await Deno.readTextFile(path);
  const at = fc.integer({ min: 0, max: text.length - 1 });
  await fc.assert(
    fc.asyncProperty(at, fc.constantFrom("0", "x", '"', "{", "9"), async (place, put) => {
      const changed = text.slice(0, place) + put + text.slice(place + 1);
      await Deno.writeTextFile(path, changed);
      try {
        const loaded = await loadModel(dir);
        assertEquals(loaded.metadata.version, model.version);
        assertEquals(JSON.parse(changed), JSON.parse(text));
      } catch (error) {
        assert(error instanceof ModelError, String(error));
        assertMatch(error.message, /^Cannot load the model in ".*": .* remove the folder$/s);
      }
    }),
  );
});

Deno.test("what is no model, or of another format version, is refused", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/${METADATA_FILE}`;
  await assertRejects(() => loadModel(dir), ModelError, "there is none");
  for (
    const [content, why] of [
      ["", "is not JSON"],
      ["[1]", "no model of this program"],
      ['{"format":"other"}', "no model of this program"],
      ['{"format":"mastodon-pulse-sentiment","formatVersion":2}', "its format version is 2"],
      ['{"format":"mastodon-pulse-sentiment","formatVersion":1,"checksum":"x"}', "was changed"],
    ] as const
  ) {
    await Deno.writeTextFile(path, content);
    await assertRejects(() => loadModel(dir), ModelError, why);
    await assertRejects(() => findModel({ modelDir: dir }), ModelError, why);
  }
});

Deno.test("a folder without a model gives the shipped one, one with a model gives that", async () => {
  const empty = await Deno.makeTempDir();
  const shipped = await findModel();
  assertEquals((await findModel({ modelDir: empty })).metadata.version, shipped.metadata.version);
  assertEquals((await findModel({ modelDir: `${empty}/none` })).metadata.preset.name, "best");
  const { dir } = await saved();
  assertEquals((await findModel({ modelDir: dir })).metadata.version, model.version);
});

Deno.test("a classic model is read without the package that it was trained with", async () => {
  const wordTools = { tokenize: (text: string) => text.split(/\W+/), stopWords: new Set(["the"]) };
  const preset = { ...CLASSIC, features: { ...CLASSIC.features, bits: 12 } };
  const trained = await train(madeUpColumns(400), { preset, wordTools });
  const dir = await Deno.makeTempDir();
  await saveModel(dir, trained.model, { ...NOTES, preset: trained.preset });
  const { model: loaded } = await loadModel(dir);
  for (const text of ["the happy train", "awful, awful", ""]) {
    assertEquals(loaded.score(text), trained.model.score(text));
  }
});
