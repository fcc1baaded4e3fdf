import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLessOrEqual,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { emptyReportData } from "../stats/empty_report_data.ts";
import type { ReportData } from "../stats/report_data.ts";
import { type Box, readPicture } from "./_geometry.ts";
import { ODD_HASHTAGS, sampleData } from "./_sample.ts";
import { CHARTS, drawCharts } from "./draw_charts.ts";
import { COLOUR, loadTheme } from "./theme.ts";

const theme = await loadTheme();
const CASES: readonly [string, ReportData][] = [
  ["no data", emptyReportData()],
  ["one day", sampleData(1)],
  ["six days", sampleData(6)],
  ["ninety days", sampleData(90)],
  ["three years", sampleData(1000)],
  ["scattered days", scattered()],
  ["one hashtag", sampleData(2, ["x"])],
  ["only CJK", sampleData(2, ["東京", "大阪", "京都"])],
  ["all held back", { ...emptyReportData(), ...heldBack() }],
];

for (const [name, draw] of Object.entries(CHARTS)) {
  Deno.test(`${name}: all text is inside the picture and can be drawn`, async (t) => {
    for (const [label, data] of CASES) {
      await t.step(label, () => {
        const { texts, width, height } = readPicture(draw(data, theme), theme);
        assertGreater(texts.length, 2);
        for (const box of texts) {
          assertGreaterOrEqual(box.left, 0, `"${box.text}" starts at ${box.left}`);
          assertLessOrEqual(box.right, width, `"${box.text}" ends at ${box.right}`);
          assertLessOrEqual(box.bottom, height);
          for (const char of box.text) {
            assert(theme.regular.has(char.codePointAt(0) ?? 0), `"${char}" cannot be drawn`);
          }
        }
        const [first] = texts.filter(overlaps(texts));
        assertEquals(first?.text, undefined, `"${first?.text}" lies over another text`);
      });
    }
  });
}

Deno.test("columns are as tall as their numbers", () => {
  const data = sampleData(6);
  const bars = readPicture(CHARTS["part5_toots_per_day"]?.(data, theme) ?? "", theme).rects
    .filter((rect) => rect.fill === COLOUR.bar);
  assertProportional(bars.map((bar) => bar.bottom - bar.top), data.days.rows.map((r) => r.nToots));
  assertEquals(new Set(bars.map((bar) => bar.bottom)).size, 1);
});

Deno.test("stacked parts follow each other without gap or overlap", () => {
  const data = sampleData(6);
  const svg = CHARTS["part5_sentiment_by_day_stacked"]?.(data, theme) ?? "";
  const isPlot = (rect: Box) => rect.bottom - rect.top !== 12;
  const rects = readPicture(svg, theme).rects.filter(isPlot);
  const of = (fill: string) => rects.filter((rect) => rect.fill === fill);
  const [neg, neu, pos] = [of(COLOUR.negative), of(COLOUR.neutral), of(COLOUR.positive)];
  assertEquals([neg.length, neu.length, pos.length], [6, 6, 6]);
  neg.forEach((rect, i) => {
    assertAlmostEquals(neu[i]?.bottom ?? NaN, rect.top, 1e-6);
    assertAlmostEquals(pos[i]?.bottom ?? NaN, neu[i]?.top ?? NaN, 1e-6);
  });
  const numbers = data.sentimentDays.rows.flatMap((row) => [row.nNeg, row.nNeu, row.nPos]);
  const heights = neg.flatMap((rect, i) => [rect, neu[i] ?? rect, pos[i] ?? rect])
    .map((rect) => rect.bottom - rect.top);
  assertProportional(heights, numbers);
});

Deno.test("columns of three years never lie over each other", () => {
  const svg = CHARTS["part5_toots_per_day"]?.(sampleData(1000), theme) ?? "";
  const bars = readPicture(svg, theme).rects.filter((rect) => rect.fill === COLOUR.bar);
  assertEquals(bars.length, 1000);
  bars.slice(1).forEach((bar, i) => assertGreaterOrEqual(bar.left, (bars[i]?.right ?? 0) - 1e-6));
});

Deno.test("days scattered over years stand side by side, which a note says", () => {
  const svg = CHARTS["part5_toots_per_day"]?.(scattered(), theme) ?? "";
  const bars = readPicture(svg, theme).rects.filter((rect) => rect.fill === COLOUR.bar);
  assertEquals(bars.length, 20);
  for (const bar of bars) assertGreater(bar.right - bar.left, 20);
  assertStringIncludes(svg, "Only days with data stand on the axis");
});

Deno.test("bars of hashtags are as long as their numbers, in order of rank", () => {
  const data = sampleData(3);
  const svg = CHARTS["part5_top_hashtags"]?.(data, theme) ?? "";
  const bars = readPicture(svg, theme).rects.filter((rect) => rect.fill === COLOUR.bar);
  assertEquals(bars.length, ODD_HASHTAGS.length);
  assertProportional(
    bars.map((bar) => bar.right - bar.left),
    data.hashtags.rows.map((row) => row.nToots),
  );
  bars.slice(1).forEach((bar, i) => assertGreaterOrEqual(bar.top, bars[i]?.bottom ?? Infinity));
});

Deno.test("rising hashtags stand where their shares are", () => {
  const data = sampleData(4);
  const svg = CHARTS["rising_hashtags"]?.(data, theme) ?? "";
  const now = readPicture(svg, theme).dots.filter((dot) => dot.fill === COLOUR.bar);
  const before = readPicture(svg, theme).dots.filter((dot) => dot.fill === COLOUR.earlier);
  const { rows } = data.rising;
  assertEquals([now.length, before.length], [rows.length, rows.length - 1]);
  const zero = (now[0]?.left ?? 0) -
    ((now[0]?.left ?? 0) - (now[1]?.left ?? 0)) * (rows[0]?.share ?? 0) /
      ((rows[0]?.share ?? 0) - (rows[1]?.share ?? 0));
  assertProportional(now.map((dot) => dot.left - zero), rows.map((row) => row.share));
  assertStringIncludes(svg, "No grey dot: it had 1 to 4 authors before.");
});

Deno.test("drawCharts() refuses a chart it does not know", async () => {
  await assertRejects(
    () => drawCharts(emptyReportData(), { outDir: "unused", names: ["pie"] }),
    RangeError,
    'Cannot draw chart "pie"',
  );
});

/** Every fiftieth day of three years. */
function scattered(): ReportData {
  const data = sampleData(1000);
  return {
    ...data,
    days: { rows: data.days.rows.filter((_, i) => i % 50 === 0), nHeld: 980 },
    sentimentDays: { rows: data.sentimentDays.rows.filter((_, i) => i % 50 === 0), nHeld: 980 },
  };
}

function heldBack(): Partial<ReportData> {
  const data = sampleData(3);
  return {
    range: data.range,
    periods: data.periods,
    total: { ...data.total, nToots: 9, nAuthors: 3, sentiment: null },
    days: { rows: [], nHeld: 3 },
    hashtags: { rows: [], nHeld: 1 },
  };
}

function assertProportional(lengths: number[], numbers: number[]): void {
  assertEquals(lengths.length, numbers.length);
  const unit = (lengths[0] ?? NaN) / (numbers[0] ?? NaN);
  lengths.forEach((each, i) => assertAlmostEquals(each, unit * (numbers[i] ?? NaN), 1e-3));
}

function overlaps(boxes: readonly Box[]): (box: Box, i: number) => boolean {
  // Half a pixel of contact is no overlap, and glyphs rarely fill their box to the top.
  return (a, i) =>
    a.text !== "" &&
    boxes.slice(i + 1).some((b) =>
      b.text !== "" && Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.5 &&
      Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2
    );
}
