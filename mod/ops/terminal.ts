/**
 * Output of jobs: results go to standard output, progress and log lines to standard error.
 *
 * @module
 */

const encoder = new TextEncoder();

/** Writes a line to standard output. */
export function print(line = ""): void {
  write(Deno.stdout, line + "\n");
}

/** Writes a line to standard error. */
export function printError(line: string): void {
  write(Deno.stderr, line + "\n");
}

/** What {@linkcode progressBar} shows. */
export interface ProgressState {
  readonly done: number;
  /** Null if nobody knows. */
  readonly total: number | null;
  /** What is under way, in a few words. */
  readonly note: string;
}

/** Shows how far a long job is. */
export interface ProgressBar {
  /** Shows a new state; redraws at most ten times a second. */
  update(state: ProgressState): void;
  /** Leaves the last state standing. */
  finish(): void;
}

/** How often a line is written where there is no terminal, in ms. */
const LINE_EVERY_MS = 10_000;
const REDRAW_EVERY_MS = 100;
const BAR_WIDTH = 24;

/** A bar on a terminal; elsewhere one line every 10 s. */
export function progressBar(
  title: string,
  { isTerminal = Deno.stderr.isTerminal(), now = Date.now }: {
    isTerminal?: boolean;
    now?: () => number;
  } = {},
): ProgressBar {
  let last = isTerminal ? -Infinity : now();
  let state: ProgressState | null = null;
  const draw = () => {
    if (state === null) return;
    const line = renderProgress(title, state);
    write(Deno.stderr, isTerminal ? `\r\x1b[2K${line}` : `${line}\n`);
  };
  return {
    update(next) {
      state = next;
      if (now() - last < (isTerminal ? REDRAW_EVERY_MS : LINE_EVERY_MS)) return;
      last = now();
      draw();
    },
    finish() {
      draw();
      if (isTerminal && state !== null) write(Deno.stderr, "\n");
      state = null;
    },
  };
}

/**
 * One line of progress.
 *
 * @example
 * ```ts
 * import { renderProgress } from "./terminal.ts";
 * const line = renderProgress("Stream", { done: 1, total: 2, note: "windows" });
 * if (!line.includes("50%")) throw new Error(line);
 * ```
 */
export function renderProgress(title: string, { done, total, note }: ProgressState): string {
  const count = total === null
    ? done.toLocaleString("en")
    : `${done.toLocaleString("en")}/${total.toLocaleString("en")}`;
  if (total === null || total === 0) return `${title}  ${count}  ${note}`.trimEnd();
  const share = Math.min(done / total, 1);
  const filled = Math.round(share * BAR_WIDTH);
  const bar = "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
  return `${title}  ${bar} ${Math.floor(share * 100)}%  ${count}  ${note}`.trimEnd();
}

function write(stream: { writeSync(data: Uint8Array): number }, text: string): void {
  const bytes = encoder.encode(text);
  for (let sent = 0; sent < bytes.length;) sent += stream.writeSync(bytes.subarray(sent));
}
