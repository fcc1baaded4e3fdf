/**
 * Asks a Mastodon server who it is and where it streams.
 *
 * @module
 */
import { createRestAPIClient } from "masto";
import { z } from "zod";

/** Names the project and where to complain, as Mastodon's guidelines ask of clients. */
export const USER_AGENT = "MastodonPulse/0.1 (+https://github.com/mastodon-pulse/pulse)";

/** A server as it describes itself. */
export interface ServerInfo {
  /** Its domain, which names it in the tables: ids are its own. */
  readonly instance: string;
  /** Base address of the streaming API, `wss://…` or `ws://…`; often another host. */
  readonly streamingUrl: string;
  readonly version: string;
}

const instanceSchema = z.object({
  domain: z.string().min(1).max(253),
  version: z.string().max(200),
  configuration: z.object({ urls: z.object({ streaming: z.string() }) }),
});

/** The server cannot be used; the message says why and what to do. */
export class ServerError extends Error {
  override readonly name = "ServerError";
}

/**
 * Reads `GET /api/v2/instance`.
 *
 * @throws {ServerError} if the server cannot be reached, is no Mastodon server, or is too old
 */
export async function discoverServer(
  baseUrl: string,
  { signal }: { signal?: AbortSignal } = {},
): Promise<ServerInfo> {
  const client = createRestAPIClient({
    url: baseUrl,
    requestInit: { headers: { "user-agent": USER_AGENT }, ...(signal ? { signal } : {}) },
    timeout: 10_000,
  });
  let answer: unknown;
  try {
    answer = await client.v2.instance.fetch();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ServerError(
      `Cannot read ${baseUrl}/api/v2/instance: ${why}. MASTODON_BASE_URL should be a Mastodon ` +
        "server of version 4.0 or later that can be reached from here",
      { cause: error },
    );
  }
  const parsed = instanceSchema.safeParse(answer);
  if (!parsed.success) {
    throw new ServerError(
      `${baseUrl} does not describe itself as a Mastodon server does: check MASTODON_BASE_URL`,
    );
  }
  const { domain, version, configuration: { urls } } = parsed.data;
  if (!URL.canParse(urls.streaming) || !/^wss?:/.test(urls.streaming)) {
    throw new ServerError(`${baseUrl} names no usable streaming address: "${urls.streaming}"`);
  }
  return { instance: domain.toLowerCase(), streamingUrl: urls.streaming, version };
}
