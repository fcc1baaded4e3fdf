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
    printError("Stopping: finishing the batch in hand (once more to stop at once)");
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
