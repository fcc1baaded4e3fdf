/**
 * Whether a server still knows a token, and whether its streaming server is up.
 *
 * @module
 */
import { causeOf, get, retryAfterMs } from "./http.ts";
import type { ServerInfo } from "./server.ts";

/** What a server says of a token: `unknown` if it could not be asked. */
export type TokenState = "good" | "refused" | "unknown";

/**
 * Asks a server about a token. 403 means that the token is good and its scopes are few, which is
 * all that streaming asks for.
 */
export async function checkToken(
  { baseUrl }: Pick<ServerInfo, "baseUrl">,
  { token, signal }: { token: string; signal?: AbortSignal },
): Promise<TokenState> {
  try {
    const response = await get(`${baseUrl}/api/v1/accounts/verify_credentials`, {
      token,
      timeoutMs: 5000,
      ...(signal === undefined ? {} : { signal }),
    });
    await response.body?.cancel();
    if (response.status === 401) return "refused";
    return response.ok || response.status === 403 ? "good" : "unknown";
  } catch {
    return "unknown";
  }
}

/** What the streaming server says of itself. */
export interface StreamingHealth {
  /** In words, for the log. */
  readonly detail: string;
  readonly isUp: boolean;
  /** How long it asks to wait, in ms. */
  readonly retryAfterMs: number | null;
}

/** Reads `GET /api/v1/streaming/health`; never throws, and gives up after 3 s. */
export async function streamingHealth(
  { streamingUrl }: Pick<ServerInfo, "streamingUrl">,
  { signal, now = Date.now }: { signal?: AbortSignal; now?: () => number } = {},
): Promise<StreamingHealth> {
  try {
    const url = `${httpAddress(streamingUrl)}/api/v1/streaming/health`;
    const response = await get(url, {
      timeoutMs: 3000,
      ...(signal === undefined ? {} : { signal }),
    });
    await response.body?.cancel();
    return {
      detail: response.ok ? "its health page says OK" : `its health page says ${response.status}`,
      isUp: response.ok,
      retryAfterMs: retryAfterMs(response.headers, now()),
    };
  } catch (error) {
    return { detail: `no answer: ${causeOf(error)}`, isUp: false, retryAfterMs: null };
  }
}

/**
 * The `http(s)` spelling of a streaming server's address.
 *
 * @example
 * ```ts
 * import { httpAddress } from "./token_check.ts";
 * if (httpAddress("wss://stream.a.example/") !== "https://stream.a.example") throw new Error();
 * ```
 */
export function httpAddress(streamingUrl: string): string {
  return streamingUrl.replace(/^ws/, "http").replace(/\/+$/, "");
}
