import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { auc, rocCurve } from "../sentiment/mod.ts";
import { readPicture } from "./_geometry.ts";
import { drawPrecisionRecall, drawReliability, drawRoc } from "./model_charts.ts";
import { DISPLAY, showTable } from "./notebook.ts";
import { labelledSample } from "./notebook_model.ts";
import { loadTheme } from "./theme.ts";

const theme = await loadTheme();
const labels = Array.from({ length: 300 }, (_, i) => i % 2);
const scored = { labels, scores: labels.map((label, i) => (label + (i * 7919 % 300) / 150) / 3) };

Deno.test("charts of models keep their text inside and name each model", () => {
  for (const draw of [drawRoc, drawPrecisionRecall, drawReliability]) {
    const svg = draw([{ name: "best", scored }, { name: "classic", scored }], theme);
    const { texts, width } = readPicture(svg, theme);
    for (const box of texts) assert(box.left >= 0 && box.right <= width, box.text);
    assertEquals(texts.filter(({ text }) => ["best", "classic"].includes(text)).length, 2);
    assertStringIncludes(svg, "n = 300 labelled texts");
  }
});

Deno.test("a drawn ROC curve encloses the area that the metric gives", () => {
  const points = rocCurve(scored);
  const area = points.slice(1).reduce((sum, point, i) => {
    const before = points[i] ?? point;
    return sum + (point.fpr - before.fpr) * (point.tpr + before.tpr) / 2;
  }, 0);
  assertEquals(area.toFixed(9), auc(scored).toFixed(9));
  const svg = drawRoc([{ name: "best", scored }], theme);
  const longest = Math.max(
    ...[...svg.matchAll(/ d="([^"]*)"/g)].map(([, d = ""]) => d.split("L").length),
  );
  assertEquals(longest, points.length);
});

Deno.test("a table says what it leaves out and escapes what it shows", () => {
  const rows = Array.from({ length: 20 }, (_, i) => ({ i, text: "<script>" }));
  const html = showTable(rows, { limit: 3 })[DISPLAY]()["text/html"] ?? "";
  assertEquals(html.split("<tr>").length - 1, 4);
  assertStringIncludes(html, "and 17 more rows");
  assertEquals(html.includes("<script>"), false);
  assertStringIncludes(showTable([])[DISPLAY]()["text/html"] ?? "", "<table>");
});

Deno.test("made-up texts are the same for the same seed and split without overlap", async () => {
  const [a, b] = [
    await labelledSample({ path: null, rows: 400 }),
    await labelledSample({
      path: null,
      rows: 400,
    }),
  ];
  const textsOf = (columns: typeof a.train) =>
    Array.from({ length: columns.texts.length }, (_, i) => columns.texts.at(i) ?? "");
  assertEquals(textsOf(a.train), textsOf(b.train));
  const test = new Set(textsOf(a.test));
  assertEquals(textsOf(a.train).some((text) => test.has(text)), false);
});

Deno.test("a sample of a file has the rows asked for", async () => {
  const path = await Deno.makeTempFile({ suffix: ".csv" });
  try {
    const lines = Array.from(
      { length: 300 },
      (_, i) => `${i % 2 ? "positive" : "negative"},no ${i}`,
    );
    await Deno.writeTextFile(path, `label,text\n${lines.join("\n")}\n`);
    const { train, test } = await labelledSample({ path, rows: 100 });
    assertEquals([train.texts.length, test.texts.length], [80, 20]);
  } finally {
    await Deno.remove(path);
  }
});
