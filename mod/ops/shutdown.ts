/**
 * Ending in good order: the first Ctrl-C or SIGTERM asks, the second insists.
 *
 * @module
 */
import { printError } from "./terminal.ts";

/** Exit code of a process that was interrupted before it could finish: 128 + SIGINT. */
const INTERRUPTED = 130;

/** A signal that aborts at the first Ctrl-C or SIGTERM; disposing it stops listening. */
export function shutdownSignal(): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const names: readonly Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGTERM"];
  const onSignal = () => {
    if (controller.signal.aborted) Deno.exit(INTERRUPTED);
    // On a terminal the cursor stands behind a progress bar and the "^C" that was typed.
    const start = Deno.stderr.isTerminal() ? "\n" : "";
    printError(`${start}Stopping: finishing the batch in hand (once more to stop at once)`);
    controller.abort();
  };
  for (const name of names) Deno.addSignalListener(name, onSignal);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
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
