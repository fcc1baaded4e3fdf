/**
 * What others say, made fit for the log's lines and the tables.
 *
 * @module
 */
import { mask } from "../config/mask.ts";

/** What a message of somebody else is cut to, in UTF-16 units. */
const MAX = 300;

/**
 * A text of somebody else in one short line: nothing that would steer a terminal or begin a line of
 * its own, and no secret, which a server may well repeat.
 */
export function quoted(
  text: string,
  { secrets, max = MAX }: { secrets: readonly string[]; max?: number },
): string {
  const line = text.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
  // Masked before it is cut: half a secret would not be recognised.
  const masked = mask(line, secrets);
  return masked.length <= max ? masked : `${masked.slice(0, max - 1).toWellFormed()}…`;
}
