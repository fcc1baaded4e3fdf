/**
 * Files that are replaced whole or not at all.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";

/**
 * Writes a file under a temporary name beside it and then renames it, so that a reader never sees
 * half of it and a failure leaves the old one.
 *
 * @param path The file; its folder is made if it is missing.
 * @param chunks Its content, at once or streamed.
 * @throws Whatever `chunks` or the file system throws; the temporary file is removed first.
 *
 * @example Replace a file
 * ```ts
 * import { replaceFile } from "./atomic_file.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * await replaceFile(`${folder}/a.txt`, [new TextEncoder().encode("all of it")]);
 * assertEquals(await Deno.readTextFile(`${folder}/a.txt`), "all of it");
 * ```
 */
export async function replaceFile(
  path: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const folder = dirname(path);
  await Deno.mkdir(folder, { recursive: true });
  const temporary = join(folder, `.${basename(path)}.${crypto.randomUUID()}.tmp`);
  try {
    const file = await Deno.open(temporary, { write: true, createNew: true });
    try {
      for await (const chunk of chunks) {
        for (let at = 0; at < chunk.length;) at += await file.write(chunk.subarray(at));
      }
      await file.sync();
    } finally {
      file.close();
    }
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}
