/**
 * Turns for others. An embedded database computes in this very thread and answers without the event
 * loop, so a loop of queries would keep timers, sockets and Ctrl-C waiting until its end.
 *
 * @module
 */

/** How long a loop of queries may keep others waiting, beside its longest query, in ms. */
const SLICE_MS = 20;

let lastTurn = performance.now();

/** Lets the event loop turn once if it has not for a while. */
export async function letOthersIn(): Promise<void> {
  if (performance.now() - lastTurn < SLICE_MS) return;
  await new Promise((resolve) => setTimeout(resolve, 0));
  lastTurn = performance.now();
}
