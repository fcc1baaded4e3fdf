/**
 * What went wrong with a file or folder, in one line: a full disk or a missing right is nothing that a
 * stack would explain.
 *
 * @module
 */

/**
 * The line for an error of the operating system or of the permissions that a task runs with; null for
 * any other error.
 *
 * @example
 * ```ts
 * import { explainFileError } from "./file_errors.ts";
 * try {
 *   Deno.readTextFileSync("/nonexistent");
 * } catch (error) {
 *   const line = explainFileError(error);
 *   if (line !== "No such file or directory (os error 2): readfile '/nonexistent'") throw error;
 * }
 * ```
 */
export function explainFileError(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof Deno.errors.NotCapable) {
    const [, what] = /^(Requires write access to ".*?")(?:,|$)/s.exec(error.message) ?? [];
    return what === undefined ? null : oneLine(
      `${what}: jobs may write under data/ and reports/ only, so DATA_DIR and REPORTS_DIR should ` +
        "name folders there",
    );
  }
  return /\(os error \d+\)/.test(error.message) ? oneLine(error.message) : null;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, " ");
}
