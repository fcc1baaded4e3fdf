import { assertEquals, assertGreater } from "@std/assert";
import { madeUpText, SMALL } from "./_testing.ts";
import { loadModel } from "./model_file.ts";
import { seededRandom } from "./prng.ts";
import { inValidationFifth } from "./split.ts";
import { trainFiles } from "./train_files.ts";

interface Files {
  readonly dir: string;
  readonly data: string;
  readonly human: string;
  readonly test: string;
  readonly ids: string;
}

async function writeFiles(): Promise<Files> {
  const dir = await Deno.makeTempDir();
  const random = seededRandom(1);
  const rows = Array.from(
    { length: 1500 },
    (_, i) => ({ i, label: i % 2, text: madeUpText(i % 2, random) }),
  );
  const data = rows.map(({ i, label, text }) =>
    `"${label * 4}","${i}","","q","u${i % 9}","${text}"`
  );
  const test = rows.slice(0, 60).map(({ label, text }) => `${label},${text}`);
  const human = Array.from({ length: 90 }, (_, i) => {
    const label = ["positive", "negative", "neutral"][i % 3];
    return `${label},${madeUpText(i % 3 === 0 ? 1 : 0, random)}`;
  });
  const files = {
    dir,
    data: `${dir}/data.csv`,
    human: `${dir}/human.csv`,
    test: `${dir}/test.csv`,
    ids: `${dir}/ids.csv`,
  };
  await Deno.writeTextFile(files.data, [...data, data[100]].join("\n"));
  await Deno.writeTextFile(files.human, ["label,text", ...human].join("\n"));
  await Deno.writeTextFile(files.test, test.join("\n"));
  await Deno.writeTextFile(files.ids, rows.map(({ i }) => `"${i}"`).join("\n"));
  return files;
}

Deno.test("files become a measured model; the test file is never trained on", async () => {
  const { dir, data, human, test, ids } = await writeFiles();
  const result = await trainFiles({
    data: [data],
    human: [human],
    test,
    validationIds: ids,
    preset: SMALL,
    out: `${dir}/model`,
  });
  const fifth = Array.from({ length: 1500 }, (_, i) => i)
    .filter((i) => i >= 60 && inValidationFifth(`${i}`)).length;
  assertEquals(result.rows, {
    trained: 1500 - 60 - fifth + 90,
    validation: fifth,
    duplicates: 1,
    skipped: 0,
    excluded: 60,
  });
  assertGreater(result.validation.auc, 0.8);
  assertEquals(result.test?.rows, 60);
  const { model, metadata } = await loadModel(`${dir}/model`);
  assertEquals(model.version, result.trained.model.version);
  assertEquals(metadata.metrics.validation?.auc, result.validation.auc);
  assertEquals(metadata.training.rows, result.rows.trained);
});

Deno.test("without ids a fifth is kept at random, and the files decide the data hash", async () => {
  const { dir, data } = await writeFiles();
  const run = async (
    out: string,
  ) => (await trainFiles({ data: [data], preset: SMALL, out: `${dir}/${out}`, seed: 4 }));
  const [a, b] = [await run("a"), await run("b")];
  assertEquals(a.rows.validation, 300);
  assertEquals(a.metadata, b.metadata);
  const read = (out: string, file = "") => Deno.readFile(`${dir}/${out}/${file}`);
  assertEquals(
    await read("a", a.metadata?.weights.file),
    await read("b", b.metadata?.weights.file),
  );
  await Deno.writeTextFile(data, '"4","x","","q","u","one more"\n', { append: true });
  assertEquals(
    (await run("c")).metadata?.training.dataHash === a.metadata?.training.dataHash,
    false,
  );
});
