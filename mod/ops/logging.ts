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
import { mask } from "../config/mask.ts";
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
