import { assertEquals, assertRejects } from "@std/assert";
import { ModelError } from "./errors.ts";
import { evaluateFile } from "./evaluate_file.ts";
import { lineBatches } from "./line_stream.ts";
import { loadShippedModel } from "./load.ts";
import { scoreFile, type ScoreFileOptions } from "./score_file.ts";

const { model } = await loadShippedModel();
const THRESHOLDS = { low: 0.45, high: 0.55 };

async function score(name: string, content: string, more: Partial<ScoreFileOptions> = {}) {
  const dir = await Deno.makeTempDir();
  await Deno.writeTextFile(`${dir}/${name}`, content);
  const output = `${dir}/out-${name}`;
  const options = { scorer: model, thresholds: THRESHOLDS, ...more };
  const result = await scoreFile({ input: `${dir}/${name}`, output, ...options });
  const files = (await Array.fromAsync(Deno.readDir(dir))).map((entry) => entry.name).toSorted();
  return { result, text: await Deno.readTextFile(output), files, dir };
}

Deno.test("csv in, csv out: the same rows with three columns more", async () => {
  const { result, text, files } = await score("in.csv", 'id,text\n1,"I love it, ""really"""\n2,\n');
  const p = model.score('I love it, "really"');
  assertEquals(
    text,
    "id,text,prob_pos,label_str,model_version\n" +
      `1,"I love it, ""really""",${p},positive,${model.version}\n2,,,,${model.version}\n`,
  );
  assertEquals(result, { rows: 2, scored: 1, empty: 1, malformed: 0 });
  assertEquals(files, ["in.csv", "out-in.csv"]);
});

Deno.test("Sentiment140's layout needs no header; another column can be named", async () => {
  const { text } = await score("a.csv", '"0","1","d","q","u","so sad"\n');
  assertEquals(text.split(",")[6], `${model.score("so sad")}`);
  const named = await score("b.csv", "Body,text\nso sad,x\n", { column: "body" });
  assertEquals(named.text.split("\n")[1]?.split(",")[2], `${model.score("so sad")}`);
  await assertRejects(() => score("c.csv", "a,b\n1,2\n"), ModelError, "name the column");
});

Deno.test("JSONL in, JSONL out; HTML of statuses becomes text; broken lines are counted", async () => {
  const lines = [
    '{"text":"I love it","n":1}',
    "not json",
    "[1]",
    '{"content":"<p>so sad</p>","uri":"u"}',
    '{"other":1}',
    "",
  ];
  const { result, text } = await score("in.jsonl", lines.join("\r\n"), {
    htmlToText: (html) => html.replaceAll(/<[^>]*>/g, ""),
  });
  const records = text.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(records.map((record) => record.prob_pos), [
    model.score("I love it"),
    model.score("so sad"),
    null,
  ]);
  assertEquals(records[0].n, 1);
  assertEquals(result, { rows: 5, scored: 2, empty: 1, malformed: 2 });
});

Deno.test("an aborted run leaves the output as it was", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.writeTextFile(`${dir}/in.csv`, "text\na\n");
  await Deno.writeTextFile(`${dir}/out.csv`, "old");
  await assertRejects(() =>
    scoreFile({
      input: `${dir}/in.csv`,
      output: `${dir}/out.csv`,
      scorer: model,
      thresholds: THRESHOLDS,
      signal: AbortSignal.abort(new Error("stop")),
    })
  );
  assertEquals(await Deno.readTextFile(`${dir}/out.csv`), "old");
  assertEquals((await Array.fromAsync(Deno.readDir(dir))).length, 2);
});

Deno.test("lines are the same however the bytes are cut", async () => {
  const bytes = new TextEncoder().encode("é😀\r\n\nlast");
  for (let size = 1; size <= bytes.length; size++) {
    const chunks: Uint8Array[] = [];
    for (let i = 0; i < bytes.length; i += size) chunks.push(bytes.slice(i, i + size));
    const lines = (await Array.fromAsync(lineBatches(ReadableStream.from(chunks)))).flat();
    assertEquals(lines, ["é😀", "", "last"]);
  }
});

Deno.test("a file of three classes is measured both ways", async () => {
  const path = await Deno.makeTempFile({ suffix: ".csv" });
  await Deno.writeTextFile(path, "label,text\npositive,I love it\nnegative,I hate it\nneutral,x\n");
  const report = await evaluateFile(path, { scorer: model, thresholds: THRESHOLDS });
  assertEquals([report.binary.rows, report.binary.accuracy], [2, 1]);
  assertEquals(report.threeClass?.rows, 3);
});
