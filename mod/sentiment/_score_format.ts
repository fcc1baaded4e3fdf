/** How scored files are read and written. */
import { ModelError } from "./errors.ts";

/** Where a csv file has its text, judged by its first row, and whether that row is a header. */
export function textColumn(
  first: readonly string[],
  options: { readonly name: string | undefined; readonly path: string },
): { readonly index: number; readonly header: boolean } {
  const names = first.map((name) => name.trim().toLowerCase());
  const wanted = options.name === undefined
    ? ["text", "content_txt", "tweet", "content"]
    : [options.name.trim().toLowerCase()];
  for (const name of wanted) {
    const index = names.indexOf(name);
    if (index >= 0) return { index, header: true };
  }
  if (options.name === undefined && first.length === 6 && /^[024]$/.test(names[0] ?? "")) {
    return { index: 5, header: false };
  }
  throw new ModelError(
    `Cannot find the text in "${options.path}": its first row is ${
      JSON.stringify(first.join(",").slice(0, 80))
    }; name the column with --column`,
  );
}

/** One csv line (RFC 4180), quoted where it must be. */
export function csvLine(fields: readonly string[]): string {
  return fields.map((field) => /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)
    .join(",") + "\n";
}

/** Whether a JSON value is an object with keys. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
