/**
 * The part of `jsr:@std/dotenv` that this project uses, over `parseEnv` of `node:util`, with the
 * same names and signatures. It stands in for the real package where the JSR registry cannot be
 * reached; delete the `links` in deno.json to use the real one.
 *
 * @module
 */
import { parseEnv } from "node:util";

/** Options of {@linkcode load}. */
export interface LoadOptions {
  /** The file to read; `null` reads none. Default: `./.env`. */
  envPath?: string | URL | null;
  /** Also sets what was read in the process's environment, without replacing what is there. */
  export?: boolean;
}

/** Parses the text of a .env file. */
export function parse(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(parseEnv(text))) {
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** Reads a .env file; a missing file is an empty one. */
export async function load(options: LoadOptions = {}): Promise<Record<string, string>> {
  const { envPath = ".env" } = options;
  if (envPath === null) return {};
  let found: Record<string, string> = {};
  try {
    found = parse(await Deno.readTextFile(envPath));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  if (options.export) {
    for (const [name, value] of Object.entries(found)) {
      if (Deno.env.get(name) === undefined) Deno.env.set(name, value);
    }
  }
  return found;
}
