import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { sampleData } from "./_sample.ts";
import { CHARTS } from "./draw_charts.ts";
import { renderPng } from "./render.ts";
import { loadTheme } from "./theme.ts";

const svgOf = (text: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="80" height="20" font-family="DejaVu Sans">` +
  `<text y="15">${text}</text></svg>`;

/** Width and height from the header chunk of a PNG (PNG specification, 11.2.2). */
function sizeOf(png: Uint8Array): [number, number] {
  const view = new DataView(png.buffer, png.byteOffset);
  return [view.getUint32(16), view.getUint32(20)];
}

Deno.test("charts become PNGs of 1600 pixels' width", async () => {
  const svg = CHARTS["part5_toots_per_day"]?.(sampleData(3), await loadTheme()) ?? "";
  const [width, height] = sizeOf(await renderPng(svg));
  const declared = Number(/height="([\d.]+)"/.exec(svg)?.[1]);
  assertEquals([width, height], [1600, Math.ceil(declared * 2)]);
});

Deno.test("text is drawn, in both weights", async () => {
  const [blank, plain] = [await renderPng(svgOf("")), await renderPng(svgOf("Ag"))];
  const bold = await renderPng(svgOf('<tspan font-weight="bold">Ag</tspan>'));
  assertNotEquals(blank, plain);
  assertNotEquals(plain, bold);
});

Deno.test("many renderings at once share one engine", async () => {
  const pngs = await Promise.all(Array.from({ length: 8 }, () => renderPng(svgOf("x"))));
  assert(pngs.every((png) => png.length === pngs[0]?.length));
});

Deno.test("what is no SVG is refused", async () => {
  await assertRejects(() => renderPng("not svg"));
});
