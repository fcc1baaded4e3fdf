/**
 * Which servers and streams to follow, by the settings.
 *
 * @module
 */
import { z } from "zod";
import { type Config, ConfigError, required } from "../config/config.ts";
import { serverUrl, streamList } from "../config/settings.ts";
import { parseStreamName, type StreamName } from "../mastodon/stream_name.ts";
import type { IngestSource } from "./run_ingest.ts";

/** The settings that say what to follow. */
export type SourceSettings = Pick<
  Config,
  "MASTODON_BASE_URL" | "MASTODON_ACCESS_TOKEN" | "MASTODON_STREAM" | "MASTODON_CONFIG"
>;

const fileSchema = z.array(z.strictObject({
  url: serverUrl,
  token: z.string().regex(/^[\x21-\x7e]+$/).nullish(),
  streams: z.array(streamList).min(1).optional(),
})).min(1);

/**
 * Reads the servers from MASTODON_CONFIG's file if there is one, else from the three other settings.
 *
 * @throws {ConfigError} if there are none, or if they do not fit together; never shows a token
 * @example
 * ```ts
 * import { ingestSources } from "./sources.ts";
 * const [first] = await ingestSources({
 *   MASTODON_BASE_URL: ["https://a.example"],
 *   MASTODON_ACCESS_TOKEN: null,
 *   MASTODON_STREAM: "public,hashtag:cats",
 *   MASTODON_CONFIG: null,
 * });
 * if (first?.streams.length !== 2) throw new Error();
 * ```
 */
export async function ingestSources(
  settings: SourceSettings,
  { readFile = Deno.readTextFile }: { readFile?: (path: string) => Promise<string> } = {},
): Promise<IngestSource[]> {
  const path = settings.MASTODON_CONFIG;
  if (path !== null) return await fromFile(path, { settings, readFile });
  const urls = required(settings, "MASTODON_BASE_URL");
  const tokens = settings.MASTODON_ACCESS_TOKEN ?? urls.map(() => "");
  if (tokens.length !== urls.length) {
    throw new ConfigError(
      `MASTODON_ACCESS_TOKEN holds ${tokens.length} tokens: it should hold one for each of the ` +
        `${urls.length} servers of MASTODON_BASE_URL, in the same order`,
    );
  }
  const streams = streamsOf(settings.MASTODON_STREAM);
  return urls.map((baseUrl, i) => ({ baseUrl, token: tokens[i] || null, streams }));
}

async function fromFile(
  path: string,
  { settings, readFile }: {
    settings: SourceSettings;
    readFile: (path: string) => Promise<string>;
  },
): Promise<IngestSource[]> {
  const fail = (why: string): never => {
    throw new ConfigError(
      `MASTODON_CONFIG names "${path}", which ${why}: it should be a JSON list of servers, such as ` +
        '[{"url": "https://a.example", "token": "…", "streams": ["public"]}]',
    );
  };
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path));
  } catch (error) {
    // What JSON.parse says may quote the file, and so a token.
    fail(error instanceof SyntaxError ? "is not JSON" : "cannot be read");
  }
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success) {
    return fail(`is wrong at ${parsed.error.issues[0]?.path.join(".") || "its top"}`);
  }
  const urls = parsed.data.map(({ url }) => url);
  if (new Set(urls).size < urls.length) fail("names a server twice");
  return parsed.data.map(({ url, token, streams }) => ({
    baseUrl: url,
    token: token ?? null,
    streams: streamsOf(streams?.join(",") ?? settings.MASTODON_STREAM),
  }));
}

function streamsOf(list: string): StreamName[] {
  return [...new Set(list.split(","))].map(parseStreamName);
}
