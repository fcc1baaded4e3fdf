/**
 * Replaces secrets in a text, as they are and as URLs and JSON spell them.
 *
 * @example
 * ```ts
 * import { mask } from "./mask.ts";
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
