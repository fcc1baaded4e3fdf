/** A temporary folder with an end. */
export interface TempDir extends AsyncDisposable {
  /** The folder's absolute path. */
  readonly path: string;
}

/** What {@linkcode tempDir} may be told. */
export interface TempDirOptions {
  /**
   * Start of the folder's name.
   *
   * @default {"mastodon-pulse-"}
   */
  readonly prefix?: string;
  /** The folder in which it is made; the system's own if left out. */
  readonly parent?: string;
}

/**
 * Makes a temporary folder; disposing of it removes it with all that it holds.
 *
 * @example
 * ```ts
 * import { tempDir } from "./temp_dir.ts";
 * async function example() {
 *   await using dir = await tempDir();
 *   await Deno.writeTextFile(`${dir.path}/note.txt`, "gone at the end of this block");
 * }
 * ```
 */
export async function tempDir(options: TempDirOptions = {}): Promise<TempDir> {
  const { prefix = "mastodon-pulse-", parent } = options;
  const path = await Deno.makeTempDir(parent === undefined ? { prefix } : { prefix, dir: parent });
  return { path, [Symbol.asyncDispose]: () => removeDir(path) };
}

/**
 * Removes a folder with all that it holds; one that is gone already is fine.
 *
 * @example
 * ```ts
 * import { removeDir } from "./temp_dir.ts";
 * async function example() {
 *   await removeDir("/tmp/left-behind");
 * }
 * ```
 */
export async function removeDir(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
