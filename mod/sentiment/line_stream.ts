/**
 * Bytes → lines.
 *
 * @module
 */

/** Longest line kept, in UTF-16 code units; what follows it up to the line's end is dropped. */
export const MAX_LINE_UNITS = 32 * 1024 * 1024;

/**
 * The lines of a UTF-8 stream, in batches, without their ends (LF or CRLF); blank ones included.
 *
 * @example
 * ```ts
 * import { lineBatches } from "./line_stream.ts";
 * const bytes = ReadableStream.from([new TextEncoder().encode("a\r\nb\n\nc")]);
 * const lines: string[] = [];
 * for await (const batch of lineBatches(bytes)) lines.push(...batch);
 * if (lines.join("|") !== "a|b||c") throw new Error();
 * ```
 */
export async function* lineBatches(
  source: ReadableStream<Uint8Array>,
): AsyncGenerator<string[], void, undefined> {
  const decoder = new TextDecoder();
  const trim = (line: string): string => line.endsWith("\r") ? line.slice(0, -1) : line;
  let rest = "";
  for await (const chunk of source) {
    const lines = decoder.decode(chunk, { stream: true }).split("\n");
    const last = lines.pop() ?? "";
    if (lines.length === 0) {
      if (rest.length < MAX_LINE_UNITS) rest += last;
      continue;
    }
    lines[0] = rest + (lines[0] ?? "");
    rest = last;
    yield lines.map(trim);
  }
  rest += decoder.decode();
  if (rest !== "") yield [trim(rest)];
}
