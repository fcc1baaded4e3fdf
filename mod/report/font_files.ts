/**
 * Finds the bundled DejaVu Sans in the package cache. Only file reads are needed.
 *
 * @module
 */
// Importing a file of the package makes Deno fetch it, and lets the paths beside it resolve.
import manifest from "dejavu-fonts-ttf/package.json" with { type: "json" };

/** The two weights that the charts use, as whole .ttf files. */
export interface FontFiles {
  regular: Uint8Array;
  bold: Uint8Array;
}

/** The family name by which SVG refers to the bundled font. */
export const FONT_FAMILY = "DejaVu Sans";

/**
 * Reads the bundled font.
 *
 * @returns The bytes of its regular and bold weight.
 * @throws {Deno.errors.NotFound} If the package cache was emptied while this process ran.
 *
 * @example Two files of some size
 * ```ts
 * import { readFontFiles } from "./font_files.ts";
 * import { assertGreater } from "@std/assert";
 *
 * const files = await readFontFiles();
 * assertGreater(files.regular.length, 100_000);
 * ```
 */
export async function readFontFiles(): Promise<FontFiles> {
  const [regular, bold] = await Promise.all([
    readPackaged("ttf/DejaVuSans.ttf"),
    readPackaged("ttf/DejaVuSans-Bold.ttf"),
  ]);
  return { regular, bold };
}

async function readPackaged(path: string): Promise<Uint8Array> {
  return await Deno.readFile(new URL(import.meta.resolve(`${manifest.name}/${path}`)));
}
