/**
 * Who owns the embedded database. PGlite does not guard its folder, and two openers corrupt it, so
 * the first opener holds an operating system lock on a file beside it, which also says who it is.
 *
 * @module
 */

/** Another process has the embedded database open. */
export class OwnedError extends Error {
  override readonly name = "OwnedError";
  /** The owner's process id, if the lock file tells. */
  readonly pid: number | null;

  constructor(path: string, pid: number | null) {
    const owner = pid === null ? "another process" : `process ${pid}`;
    super(
      `The embedded database is open in ${owner} (lock "${path}"): stop that process first, or ` +
        "set PG_URL to share a PostgreSQL server",
    );
    this.pid = pid;
  }
}

/**
 * Takes the lock, or throws at once.
 *
 * The operating system drops the lock when the process ends, however it ends, so a stale file
 * never shuts anybody out.
 *
 * @throws {OwnedError} if another process, or this one already, holds it
 */
export async function takeOwnerLock(path: string): Promise<AsyncDisposable> {
  const file = await Deno.open(path, { read: true, write: true, create: true, mode: 0o600 });
  if (!await file.tryLock(true)) {
    file.close();
    throw new OwnedError(path, await ownerOf(path));
  }
  await file.truncate();
  await file.write(new TextEncoder().encode(`${Deno.pid}\n`));
  return {
    // The file stays: removing it would let a third process lock a new one while a second waits.
    async [Symbol.asyncDispose]() {
      await file.truncate();
      await file.unlock();
      file.close();
    },
  };
}

async function ownerOf(path: string): Promise<number | null> {
  const pid = Number.parseInt(await Deno.readTextFile(path), 10);
  return Number.isInteger(pid) ? pid : null;
}
