/**
 * Ending in good order: the first Ctrl-C or SIGTERM asks, the second insists.
 *
 * @module
 */
import { printError } from "./terminal.ts";

/** Exit code of a process that was interrupted before it could finish: 128 + SIGINT. */
const INTERRUPTED = 130;

/**
 * A signal that comes so soon after the first is its echo, in ms: the terminal signals all processes of
 * a task, and the task runner passes on what it was sent.
 */
const ECHO_MS = 300;

/** How long a job may take to end in good order, in ms. */
const GRACE_MS = 4000;

/**
 * A signal that aborts at the first Ctrl-C or SIGTERM; disposing it stops listening. A step that
 * cannot be stopped, such as the making of a database, is left after 4 s: what is unfinished then is
 * undone or done again at the next start, as after a crash.
 */
export function shutdownSignal(): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  let ended = () => {};
  let askedAt = -Infinity;
  const names: readonly Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGTERM"];
  const onSignal = () => {
    if (controller.signal.aborted) {
      if (performance.now() - askedAt < ECHO_MS) return;
      Deno.exit(INTERRUPTED);
    }
    askedAt = performance.now();
    // On a terminal the cursor stands behind a progress bar and the "^C" that was typed.
    const start = Deno.stderr.isTerminal() ? "\n" : "";
    printError(`${start}Stopping: finishing the batch in hand (once more to stop at once)`);
    const last = setTimeout(() => Deno.exit(0), GRACE_MS);
    ended = () => clearTimeout(last);
    controller.abort();
  };
  for (const name of names) Deno.addSignalListener(name, onSignal);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      ended();
      for (const name of names) Deno.removeSignalListener(name, onSignal);
    },
  };
}

/**
 * Whether an error only says that the signal aborted, perhaps wrapped as another one's cause.
 *
 * @example
 * ```ts
 * import { isStop } from "./shutdown.ts";
 * const signal = AbortSignal.abort();
 * const error = new Error("Cannot read the server", { cause: signal.reason });
 * if (!isStop(error, signal) || isStop(new Error("Disk full"), signal)) throw new Error();
 * ```
 */
export function isStop(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  for (let at = error; at !== undefined && at !== null;) {
    if (at === signal.reason || (at instanceof Error && at.name === "AbortError")) return true;
    at = at instanceof Error ? at.cause : null;
  }
  return false;
}
