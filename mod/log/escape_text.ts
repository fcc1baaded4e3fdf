/**
 * Text of strangers, made fit for a terminal.
 *
 * @module
 */

/** Controls, formats (direction overrides among them), surrogates, private use, line separators. */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * Replaces everything that a terminal might obey, or that hides, by `\u{…}`, so that nothing but
 * characters that can be seen is left. Backslashes are doubled, so that no text can pass for an
 * escape.
 *
 * @example
 * ```ts
 * import { escapeText } from "./escape_text.ts";
 * if (escapeText("a\x1b[2Jb\n") !== "a\\u{1b}[2Jb\\u{a}") throw new Error();
 * ```
 */
export function escapeText(text: string): string {
  return text.replaceAll("\\", "\\\\").replace(UNSAFE, (c) => `\\u{${hex(c)}}`);
}

/**
 * The beginning of a text of at most so many characters, with what was left out counted.
 *
 * @example
 * ```ts
 * import { shortened } from "./escape_text.ts";
 * if (shortened("abcdef", 4) !== "abcd… (2 more)") throw new Error();
 * ```
 */
export function shortened(text: string, max: number): string {
  const points = [...text.slice(0, max * 2)].slice(0, max).join("");
  const left = text.length - points.length;
  return left === 0 ? text : `${points}… (${left} more)`;
}

/**
 * JSON on one line in which nothing is left that a terminal might obey; it parses to the same value.
 *
 * @example
 * ```ts
 * import { safeJson } from "./escape_text.ts";
 * const json = safeJson({ reason: "\x9b2J" });
 * if (json !== '{"reason":"\\u009b2J"}' || JSON.parse(json).reason !== "\x9b2J") throw new Error();
 * ```
 */
export function safeJson(value: unknown): string {
  const json = JSON.stringify(value);
  return json.replace(UNSAFE, (c) => {
    let escaped = "";
    for (let i = 0; i < c.length; i++) escaped += `\\u${hex(c[i] ?? "").padStart(4, "0")}`;
    return escaped;
  });
}

function hex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16);
}
