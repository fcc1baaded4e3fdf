/**
 * Scores a file of texts: csv in, csv out; JSONL in, JSONL out; streamed, so of any size.
 *
 * @module
 */
import { csvBatches, detectEncoding } from "./csv_stream.ts";
import { ModelError } from "./errors.ts";
import { lineBatches } from "./line_stream.ts";
import { labelOf, type Scorer, type Thresholds } from "./scorer.ts";
import { csvLine, isRecord, textColumn } from "./_score_format.ts";

/** What to score and how. */
export interface ScoreFileOptions {
  /** A csv file with a header (or in Sentiment140's layout), or JSONL (`.jsonl`, `.ndjson`). */
  readonly input: string;
  /** Written whole or not at all; the columns of the input, then those of the prediction. */
  readonly output: string;
  readonly scorer: Scorer;
  readonly thresholds: Thresholds;
  /** Column or key of the text. @default the first of text, content_txt, tweet, content */
  readonly column?: string;
  /** Turns the HTML of a Mastodon status (a JSON record with `content` and `uri`) into text. */
  readonly htmlToText?: (html: string) => string;
  readonly onProgress?: (rows: number) => void;
  readonly signal?: AbortSignal;
}

/** What was done. */
export interface ScoreFileResult {
  readonly rows: number;
  readonly scored: number;
  /** Rows without text: written without a prediction. */
  readonly empty: number;
  /** Lines that are no JSON record: left out. */
  readonly malformed: number;
}

interface Tally {
  rows: number;
  scored: number;
  empty: number;
  malformed: number;
}

/**
 * Scores each row of a file by its text, adding `prob_pos`, `label_str` and `model_version`.
 *
 * @throws {ModelError} if the file is missing or has no column of text.
 *
 * @example
 * ```ts
 * import { scoreFile } from "./score_file.ts";
 * import { loadScorer } from "./load.ts";
 * const dir = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${dir}/in.jsonl`, '{"text":"I love it"}\n');
 * const { scored } = await scoreFile({
 *   input: `${dir}/in.jsonl`, output: `${dir}/out.jsonl`,
 *   scorer: await loadScorer(), thresholds: { low: 0.45, high: 0.55 },
 * });
 * const out = JSON.parse(await Deno.readTextFile(`${dir}/out.jsonl`));
 * if (scored !== 1 || out.label_str !== "positive") throw new Error();
 * ```
 */
export async function scoreFile(options: ScoreFileOptions): Promise<ScoreFileResult> {
  const tally: Tally = { rows: 0, scored: 0, empty: 0, malformed: 0 };
  const lines = /\.(jsonl|ndjson)$/i.test(options.input)
    ? scoreJsonLines(options, tally)
    : scoreCsv(options, tally);
  const temporary = `${options.output}.${crypto.randomUUID()}.tmp`;
  const encoder = new TextEncoder();
  try {
    using file = await Deno.open(temporary, { write: true, createNew: true });
    for await (const text of lines) {
      options.signal?.throwIfAborted();
      const bytes = encoder.encode(text);
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
      options.onProgress?.(tally.rows);
    }
    await file.sync();
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
  await Deno.rename(temporary, options.output);
  return tally;
}

async function* scoreJsonLines(options: ScoreFileOptions, tally: Tally): AsyncGenerator<string> {
  const file = await openInput(options.input);
  for await (const lines of lineBatches(file.readable)) {
    let out = "";
    for (const line of lines) {
      if (line.trim() === "") continue;
      tally.rows++;
      const record = parseRecord(line);
      if (record === undefined) tally.malformed++;
      else {out +=
          JSON.stringify({ ...record, ...predict(textOf(record, options), options, tally) }) +
          "\n";}
    }
    if (out !== "") yield out;
  }
}

async function* scoreCsv(options: ScoreFileOptions, tally: Tally): AsyncGenerator<string> {
  const encoding = await detectEncoding((await openInput(options.input)).readable);
  const file = await openInput(options.input);
  let column: number | undefined;
  for await (const rows of csvBatches(file.readable, encoding)) {
    let out = "";
    for (const row of rows) {
      if (column === undefined) {
        const found = textColumn(row, { name: options.column, path: options.input });
        column = found.index;
        if (found.header) {
          out += csvLine([...row, "prob_pos", "label_str", "model_version"]);
          continue;
        }
      }
      tally.rows++;
      const { prob_pos, label_str, model_version } = predict(row[column] ?? "", options, tally);
      out += csvLine([...row, `${prob_pos ?? ""}`, label_str ?? "", model_version]);
    }
    if (out !== "") yield out;
  }
}

interface Prediction {
  readonly prob_pos: number | null;
  readonly label_str: string | null;
  readonly model_version: string;
}

function predict(text: string, options: ScoreFileOptions, tally: Tally): Prediction {
  const model_version = options.scorer.version;
  if (text.trim() === "") {
    tally.empty++;
    return { prob_pos: null, label_str: null, model_version };
  }
  tally.scored++;
  const prob_pos = options.scorer.score(text);
  return { prob_pos, label_str: labelOf(prob_pos, options.thresholds), model_version };
}

function textOf(record: Record<string, unknown>, options: ScoreFileOptions): string {
  const { column, htmlToText } = options;
  const names = column === undefined ? ["text", "content_txt", "tweet", "content"] : [column];
  for (const name of names) {
    const value = record[name];
    if (typeof value !== "string") continue;
    const html = name === "content" && typeof record.uri === "string";
    return html && htmlToText !== undefined ? htmlToText(value) : value;
  }
  return "";
}

function parseRecord(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

async function openInput(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new ModelError(`Cannot read "${path}": there is no such file`);
  }
}
