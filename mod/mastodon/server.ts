/**
 * Asks a Mastodon server who it is and where it streams.
 *
 * @module
 */
import { z } from "zod";
import { causeOf, get } from "./http.ts";

export { USER_AGENT } from "./http.ts";

/** A server as it describes itself. */
export interface ServerInfo {
  /** Where its REST API is, such as `https://fosstodon.org`. */
  readonly baseUrl: string;
  /** Its domain, which names it in the tables: ids are its own. */
  readonly instance: string;
  /** Base address of the streaming API, `wss://…` or `ws://…`; often another host. */
  readonly streamingUrl: string;
  readonly version: string;
}

const instanceV2 = z.object({
  domain: z.string().min(1).max(253),
  version: z.string().max(200),
  configuration: z.object({ urls: z.object({ streaming: z.string() }) }),
});

/** Before Mastodon 4.0. `uri` is the domain, on some servers with a scheme before it. */
const instanceV1 = z.object({
  uri: z.string().min(1).max(300),
  version: z.string().max(200),
  urls: z.object({ streaming_api: z.string() }),
});

/** The oldest version that is followed. */
const OLDEST = { major: 3, minor: 5 };

/** The server cannot be used; the message says why and what to do. */
export class ServerError extends Error {
  override readonly name = "ServerError";
  /** Whether it may work later without anybody's help. */
  readonly transient: boolean;

  constructor(message: string, options: ErrorOptions & { transient?: boolean } = {}) {
    super(message, options);
    this.transient = options.transient ?? false;
  }
}

/** The server does not know the token, or no longer, or asks for one. */
export class TokenRefusedError extends ServerError {
  constructor(instance: string, { hadToken = true }: { hadToken?: boolean } = {}) {
    const what = hadToken
      ? "refuses the token: it is wrong, or was revoked"
      : "streams to nobody without a token";
    super(
      `${instance} ${what}. Make a new one there (Preferences > Development, scope ` +
        "read:statuses) and set MASTODON_ACCESS_TOKEN",
    );
  }
}

/**
 * Reads `GET /api/v2/instance`, or `/api/v1/instance` of servers before 4.0.
 *
 * @throws {ServerError} if the server cannot be reached, is no Mastodon server, or is too old
 */
export async function discoverServer(
  baseUrl: string,
  { signal }: { signal?: AbortSignal } = {},
): Promise<ServerInfo> {
  const base = baseUrl.replace(/\/+$/, "");
  const options = signal === undefined ? {} : { signal };
  const second = await readJson(`${base}/api/v2/instance`, { base, options });
  const found = second === null
    ? fromV1(await readJson(`${base}/api/v1/instance`, { base, options }))
    : fromV2(second);
  if (found === null) {
    throw new ServerError(
      `${base} does not describe itself as a Mastodon server does: check MASTODON_BASE_URL`,
    );
  }
  const { instance, streamingUrl, version } = found;
  if (isTooOld(version)) {
    throw new ServerError(
      `${base} runs Mastodon ${JSON.stringify(version)}: version ${OLDEST.major}.${OLDEST.minor} ` +
        "or later is needed, so choose another server in MASTODON_BASE_URL",
    );
  }
  if (!URL.canParse(streamingUrl) || !/^wss?:/.test(streamingUrl)) {
    throw new ServerError(`${base} names no usable streaming address: "${streamingUrl}"`);
  }
  return { baseUrl: base, instance, streamingUrl, version };
}

type Described = Omit<ServerInfo, "baseUrl">;

function fromV2(json: unknown): Described | null {
  const { data } = instanceV2.safeParse(json);
  if (data === undefined) return null;
  const { domain, version, configuration: { urls } } = data;
  return { instance: domain.toLowerCase(), streamingUrl: urls.streaming, version };
}

function fromV1(json: unknown): Described | null {
  const { data } = instanceV1.safeParse(json);
  if (data === undefined) return null;
  const { uri, version, urls } = data;
  const domain = uri.replace(/^https?:\/\//, "").replace(/\/.*$/, "").toLowerCase();
  return domain === "" ? null : { instance: domain, streamingUrl: urls.streaming_api, version };
}

function isTooOld(version: string): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined) return true;
  const behind = Number(major) - OLDEST.major || Number(minor) - OLDEST.minor;
  return behind < 0;
}

/** Null for "there is no such thing here" (404 and the like). */
async function readJson(
  url: string,
  { base, options }: { base: string; options: { signal?: AbortSignal } },
): Promise<unknown> {
  let response: Response;
  let text: string;
  try {
    response = await get(url, options);
    text = await response.text();
  } catch (error) {
    throw new ServerError(
      `Cannot reach ${base} (${causeOf(error)}): MASTODON_BASE_URL should be a Mastodon server ` +
        "that can be reached from here",
      { cause: error, transient: true },
    );
  }
  if (response.ok) {
    try {
      return JSON.parse(text);
    } catch {
      return {};
    }
  }
  if ([400, 404, 405, 406, 410, 422].includes(response.status)) return null;
  const isBusy = response.status === 429 || response.status >= 500;
  // Also a refusal may pass: whatever guards the server may have taken offence for a while.
  throw new ServerError(
    `${base} answers ${response.status} when asked who it is: ` +
      (isBusy ? "it is busy or down, try again later" : "check MASTODON_BASE_URL"),
    { transient: true },
  );
}
