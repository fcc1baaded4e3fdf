/**
 * SVG to PNG.
 *
 * @module
 */
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { FONT_FAMILY, type FontFiles, readFontFiles } from "./font_files.ts";

/** Pixels of the PNG per CSS pixel of the SVG. */
const SCALE = 2;

interface Engine {
  fonts: FontFiles;
}

let engine: Promise<Engine> | undefined;

/**
 * Renders an SVG document at twice its size with the bundled fonts only, so that every machine
 * draws the same picture.
 *
 * @param svg A standalone SVG document.
 * @returns The bytes of a PNG.
 * @throws {Error} If the text is not valid SVG.
 *
 * @example A small picture
 * ```ts
 * import { renderPng } from "./render.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"></svg>';
 * const png = await renderPng(svg);
 * assertEquals([...png.slice(1, 4)], [0x50, 0x4e, 0x47]);
 * ```
 */
export async function renderPng(svg: string): Promise<Uint8Array> {
  // The module can be initialised once only, so every call waits for the same attempt.
  engine ??= startEngine();
  const { fonts } = await engine;
  const resvg = new Resvg(svg, {
    fitTo: { mode: "zoom", value: SCALE },
    font: {
      fontBuffers: [fonts.regular, fonts.bold],
      defaultFontFamily: FONT_FAMILY,
      sansSerifFamily: FONT_FAMILY,
    },
  });
  try {
    const image = resvg.render();
    try {
      return image.asPng();
    } finally {
      image.free();
    }
  } finally {
    resvg.free();
  }
}

async function startEngine(): Promise<Engine> {
  const wasm = await Deno.readFile(
    new URL(import.meta.resolve("@resvg/resvg-wasm/index_bg.wasm")),
  );
  await initWasm(wasm);
  return { fonts: await readFontFiles() };
}
