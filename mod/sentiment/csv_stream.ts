/**
 * A streaming RFC 4180 reader: bytes → rows of strings, in batches.
 *
 * csv-parse took three to four times as long on the same file, and reading is a part of a training run
 * that lasts seconds; hence this small machine of our own.
 *
 * @module
 */

/** How a file's bytes become text. */
export type Encoding = "utf-8" | "latin1";

/**
 * Tells UTF-8 from latin-1 by decoding everything: a latin-1 byte may lie anywhere, and one that
 * is not valid UTF-8 settles it. (`latin1` is windows-1252, as the WHATWG has it.)
 *
 * @example
 * ```ts
 * import { detectEncoding } from "./csv_stream.ts";
 * const latin = ReadableStream.from([new Uint8Array([0x63, 0x61, 0x66, 0xe9])]);
 * if (await detectEncoding(latin) !== "latin1") throw new Error();
 * ```
 */
export async function detectEncoding(source: ReadableStream<Uint8Array>): Promise<Encoding> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const reader = source.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      decoder.decode(value, { stream: true });
    }
    decoder.decode();
    return "utf-8";
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return "latin1";
  } finally {
    await reader.cancel();
  }
}

/**
 * Splits csv text that arrives in pieces into rows. Quotes double inside quoted fields; lines end
 * with LF, CRLF or CR; a quote left open ends with the file. A field longer than 1 MiB is cut there,
 * so that one stray quote can't swallow a file into memory.
 *
 * @example
 * ```ts
 * import { CsvSplitter } from "./csv_stream.ts";
 * const splitter = new CsvSplitter();
 * const rows = [...splitter.push('"a ""b""",c\n"d'), ...splitter.push('\ne",f'), ...splitter.end()];
 * if (JSON.stringify(rows) !== JSON.stringify([['a "b"', "c"], ["d\ne", "f"]])) throw new Error();
 * ```
 */
export class CsvSplitter {
  #row: string[] = [];
  #field = "";
  /** Inside quotes; just after a quote inside quotes; at the start of a field; in a bare field. */
  #state: "quoted" | "quote" | "start" | "bare" = "start";
  #afterCr = false;

  /** Rows completed by `text`. A blank line gives no row. */
  push(text: string): string[][] {
    const rows: string[][] = [];
    let i = 0;
    if (this.#afterCr && text.length > 0) {
      this.#afterCr = false;
      if (text.charCodeAt(0) === 10) i = 1;
    }
    while (i < text.length) {
      if (this.#state === "quoted") {
        const close = text.indexOf('"', i);
        this.#append(text.slice(i, close < 0 ? text.length : close));
        if (close < 0) break;
        this.#state = "quote";
        i = close + 1;
        continue;
      }
      const code = text.charCodeAt(i);
      if (code === 34 && this.#state !== "bare") {
        if (this.#state === "quote") this.#append('"');
        this.#state = "quoted";
        i++;
      } else if (code === 44) {
        this.#endField();
        i++;
      } else if (code === 10 || code === 13) {
        this.#endRow(rows);
        i++;
        if (code === 13) {
          if (i === text.length) this.#afterCr = true;
          else if (text.charCodeAt(i) === 10) i++;
        }
      } else {
        this.#state = "bare";
        let j = i + 1;
        for (; j < text.length; j++) {
          const c = text.charCodeAt(j);
          if (c === 44 || c === 10 || c === 13) break;
        }
        this.#append(text.slice(i, j));
        i = j;
      }
    }
    return rows;
  }

  /** The last row, if the text did not end with a line end. */
  end(): string[][] {
    const rows: string[][] = [];
    this.#endRow(rows);
    return rows;
  }

  #append(piece: string): void {
    if (this.#field.length < 1 << 20) this.#field += piece;
  }

  #endField(): void {
    this.#row.push(this.#field);
    this.#field = "";
    this.#state = "start";
  }

  #endRow(rows: string[][]): void {
    const blank = this.#state === "start" && this.#row.length === 0;
    if (!blank) {
      this.#endField();
      rows.push(this.#row);
    }
    this.#row = [];
    this.#state = "start";
  }
}

/**
 * Rows of a csv stream, one batch per chunk read. A byte order mark is dropped.
 *
 * @example
 * ```ts
 * import { csvBatches } from "./csv_stream.ts";
 * const bytes = ReadableStream.from([new TextEncoder().encode("a,b\n1,2\n")]);
 * const rows: string[][] = [];
 * for await (const batch of csvBatches(bytes, "utf-8")) rows.push(...batch);
 * if (rows.length !== 2) throw new Error();
 * ```
 */
export async function* csvBatches(
  source: ReadableStream<Uint8Array>,
  encoding: Encoding,
): AsyncGenerator<string[][], void, undefined> {
  const decoder = new TextDecoder(encoding);
  const splitter = new CsvSplitter();
  for await (const chunk of source) {
    const rows = splitter.push(decoder.decode(chunk, { stream: true }));
    if (rows.length > 0) yield rows;
  }
  const rest = [...splitter.push(decoder.decode()), ...splitter.end()];
  if (rest.length > 0) yield rest;
}
