/**
 * The log of the jobs: one line an event on standard error, through LogTape.
 *
 * @module
 */
import {
  configure,
  getLogger,
  getTextFormatter,
  type Logger,
  type LogLevel,
  type LogRecord,
} from "@logtape/logtape";
import { printError } from "./terminal.ts";

export type { Logger } from "@logtape/logtape";

/** The logger of a room, such as `ingest`. */
export function loggerOf(room: string): Logger {
  return getLogger(["pulse", room]);
}

/**
 * Sends log lines to standard error. Call once, at the start of a job.
 *
 * @param level the lowest level that is shown
 * @param secrets values that are replaced by `***` wherever they would appear
 */
export async function startLogging(level: LogLevel, secrets: readonly string[]): Promise<void> {
  const format = getTextFormatter({ timestamp: "rfc3339", level: "FULL" });
  const sink = (record: LogRecord) => printError(mask(format(record).trimEnd(), secrets));
  await configure({
    reset: true,
    sinks: { stderr: sink },
    loggers: [
      { category: "pulse", lowestLevel: level, sinks: ["stderr"] },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["stderr"] },
    ],
  });
}

/**
 * Replaces secrets in a text, as they are and as URLs and JSON spell them.
 *
 * @example
 * ```ts
 * import { mask } from "./logging.ts";
 * if (mask("token abc refused", ["abc"]) !== "token *** refused") throw new Error();
 * ```
 */
export function mask(text: string, secrets: readonly string[]): string {
  return secrets.flatMap(spellings).filter((s) => s !== "")
    // The longest first: of a secret that holds another one no part may be left.
    .sort((a, b) => b.length - a.length).reduce((t, s) => t.replaceAll(s, "***"), text);
}

function spellings(secret: string): string[] {
  return [secret, encodeURIComponent(secret.toWellFormed()), JSON.stringify(secret).slice(1, -1)];
}
