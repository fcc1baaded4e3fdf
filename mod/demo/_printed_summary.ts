/**
 * Reads the demo's summary back, as a person would.
 *
 * @module
 */

/** The numbers of the summary by the words before them; `name/word` for those in a row's note. */
export function readSummary(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, name, rest = ""] = /^ {2}([A-Z][a-z ]*?) {2,}(.*)$/.exec(line) ?? [];
    if (name !== undefined) found.set(name, rest.replaceAll(/(\d),(?=\d{3})/g, "$1").trim());
  }
  return found;
}

/** The numbers of a row, in their order. */
export function numbersOf(summary: ReadonlyMap<string, string>, name: string): number[] {
  const row = summary.get(name);
  if (row === undefined) throw new Error(`The summary has no row "${name}"`);
  return [...row.matchAll(/(?<![#\w])\d+/g)].map(([digits]) => Number(digits));
}
