/**
 * Rows with labels, from csv files in any of the layouts that this field shares.
 *
 * @module
 */
import { csvBatches, detectEncoding } from "./csv_stream.ts";
import { ModelError } from "./errors.ts";

/** A text with what is known of it. */
export interface LabelledRow {
  readonly text: string;
  /** Probability that it is positive: 1, 0, or 0.5 for neutral. */
  readonly target: number;
  /** Empty where the file has none. */
  readonly id: string;
  readonly user: string;
  /** As the file writes it; empty where it has none. */
  readonly date: string;
}

/** Where in a row its parts are; -1 for a column that is missing. */
interface Layout {
  readonly label: number;
  readonly text: number;
  readonly id: number;
  readonly user: number;
  readonly date: number;
  readonly header: boolean;
}

const SENTIMENT140: Layout = { label: 0, id: 1, date: 2, user: 4, text: 5, header: false };
const LABELS: ReadonlyMap<string, number> = new Map([
  ["0", 0],
  ["2", 0.5],
  ["4", 1],
  ["1", 1],
  ["-1", 0],
  ["negative", 0],
  ["neutral", 0.5],
  ["positive", 1],
  ["neg", 0],
  ["neu", 0.5],
  ["pos", 1],
]);

/** Rows that could not be used are counted here. */
export interface ReadTally {
  /** Rows with no label that is known, or no text. */
  skipped: number;
}

/**
 * Reads a csv file of labelled texts, batch by batch. Layouts: Sentiment140 (six columns, no
 * header: target 0, 2 or 4, id, date, query, user, text), or any header that names the columns
 * `target`, `label`, `sentiment` or `polarity`, and `text_noemoticon`, `text`, `tweet` or `content`
 * (the first that is there), and perhaps `id`, `date` and `user`; or two columns `label,text` with
 * no header. Labels: 0 / 2 / 4, negative / neutral / positive; 1 is positive. UTF-8 or latin-1.
 *
 * @throws {ModelError} if the file can't be opened, or its first row has none of these layouts.
 *
 * @example
 * ```ts
 * import { readLabelled } from "./labelled_rows.ts";
 * const path = await Deno.makeTempFile({ suffix: ".csv" });
 * await Deno.writeTextFile(path, 'label,text\npositive,"so, good"\nnegative,bad\n');
 * const rows = (await Array.fromAsync(readLabelled(path))).flat();
 * if (rows[0]?.text !== "so, good" || rows[1]?.target !== 0) throw new Error();
 * ```
 */
export async function* readLabelled(
  path: string | URL,
  tally: ReadTally = { skipped: 0 },
): AsyncGenerator<LabelledRow[], void, undefined> {
  const encoding = await detectEncoding((await openFile(path)).readable);
  const file = await openFile(path);
  let layout: Layout | undefined;
  for await (const batch of csvBatches(file.readable, encoding)) {
    const rows: LabelledRow[] = [];
    for (const fields of batch) {
      if (layout === undefined) {
        layout = layoutOf(fields, String(path));
        if (layout.header) continue;
      }
      const target = LABELS.get((fields[layout.label] ?? "").trim().toLowerCase());
      const text = fields[layout.text] ?? "";
      if (target === undefined || text.trim() === "") {
        tally.skipped++;
        continue;
      }
      rows.push({
        text,
        target,
        id: fields[layout.id] ?? "",
        user: fields[layout.user] ?? "",
        date: fields[layout.date] ?? "",
      });
    }
    if (rows.length > 0) yield rows;
  }
}

function layoutOf(first: readonly string[], path: string): Layout {
  const names = first.map((name) => name.trim().toLowerCase().replace(/^\ufeff/, ""));
  const find = (...wanted: string[]): number =>
    wanted.map((name) => names.indexOf(name)).find((index) => index >= 0) ?? -1;
  const label = find("target", "label", "sentiment", "polarity");
  const text = find("text_noemoticon", "text", "tweet", "content");
  if (label >= 0 && text >= 0) {
    const id = find("id", "ids", "tweet_id");
    return { label, text, id, user: find("user", "author"), date: find("date"), header: true };
  }
  if (LABELS.has(names[0] ?? "")) {
    if (first.length === 6) return SENTIMENT140;
    if (first.length === 2) {
      return { label: 0, text: 1, id: -1, user: -1, date: -1, header: false };
    }
  }
  throw new ModelError(
    `Cannot read labels from "${path}": its first row has ${first.length} columns (${
      JSON.stringify(first.join(",").slice(0, 80))
    }); use Sentiment140's six columns or a header with label and text`,
  );
}

async function openFile(path: string | URL): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new ModelError(`Cannot read "${path}": there is no such file`);
  }
}
