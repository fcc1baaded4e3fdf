import { assertEquals, assertRejects } from "@std/assert";
import { OwnedError, takeOwnerLock } from "./owner_lock.ts";

const MODULE = new URL("./owner_lock.ts", import.meta.url).href;

/** A process that takes the lock, says so, and waits to be told to end. */
async function startOwner(path: string) {
  const code = `
    const { takeOwnerLock } = await import(${JSON.stringify(MODULE)});
    const lock = await takeOwnerLock(${JSON.stringify(path)});
    await Deno.stdout.write(new TextEncoder().encode("held"));
    await Deno.stdin.read(new Uint8Array(1));
    await lock[Symbol.asyncDispose]();`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", code],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = child.stdout.getReader();
  await output.read();
  await output.cancel();
  return child;
}

Deno.test("a second process is told who owns the database, and gets it when the first ends", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/pg.lock`;
  try {
    const owner = await startOwner(path);
    const error = await assertRejects(
      () => takeOwnerLock(path),
      OwnedError,
      `process ${owner.pid}`,
    );
    assertEquals(error instanceof OwnedError && error.pid, owner.pid);
    const input = owner.stdin.getWriter();
    await input.write(new Uint8Array(1));
    await input.close();
    assertEquals((await owner.status).success, true);
    await (await takeOwnerLock(path))[Symbol.asyncDispose]();

    const killed = await startOwner(path);
    killed.kill("SIGKILL");
    await killed.stdin.close();
    await killed.status;
    await (await takeOwnerLock(path))[Symbol.asyncDispose]();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a process cannot own the database twice, and one that let go names nobody", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/pg.lock`;
  try {
    {
      await using _lock = await takeOwnerLock(path);
      await assertRejects(() => takeOwnerLock(path), OwnedError, `process ${Deno.pid}`);
      // Its text is gone: the message still says what to do.
      await Deno.truncate(path);
      const error = await assertRejects(() => takeOwnerLock(path), OwnedError, "another process");
      assertEquals(error instanceof OwnedError && error.pid, null);
    }
    assertEquals(await Deno.readTextFile(path), "");
    await using _again = await takeOwnerLock(path);
    assertEquals(await Deno.readTextFile(path), `${Deno.pid}\n`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
