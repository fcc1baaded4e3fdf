/**
 * Making the embedded database's folder, which PGlite does with a thousand files and no end mark:
 * of a process killed meanwhile it leaves a folder that it cannot open again.
 *
 * @module
 */

/**
 * Runs `make` for a folder that is empty, or that an earlier `make` left unfinished (it is emptied
 * first); for any other folder runs it too, with nothing to guard. Only the folder's owner may
 * call it.
 */
export async function makeWhole<T>(folder: string, make: () => Promise<T>): Promise<T> {
  const mark = `${folder}.unfinished`;
  // Nothing was ever committed there: the mark goes before the folder is used.
  if (await exists(mark)) await empty(folder);
  else if (!await isEmpty(folder)) return await make();
  await Deno.writeTextFile(mark, "");
  const made = await make();
  await Deno.remove(mark);
  return made;
}

async function isEmpty(folder: string): Promise<boolean> {
  for await (const _ of Deno.readDir(folder)) return false;
  return true;
}

async function empty(folder: string): Promise<void> {
  // Its entries, not itself: it may be a mounted volume.
  for await (const { name } of Deno.readDir(folder)) {
    await Deno.remove(`${folder}/${name}`, { recursive: true });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
