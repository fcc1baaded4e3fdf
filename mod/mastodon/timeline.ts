/**
 * Pages of a server's public timelines, oldest first, for what a stream has missed.
 * Source: https://docs.joinmastodon.org/methods/timelines/ and …/api/rate-limits/
 *
 * @module
 */
import { z } from "zod";
import { causeOf, get, retryAfterMs, waitOf } from "./http.ts";
import { compareIds } from "./status_id.ts";
import type { StreamName } from "./stream_name.ts";
import { isId } from "./wire.ts";

/** What to ask for. */
export interface PageQuery {
  readonly baseUrl: string;
  readonly token: string | null;
  readonly stream: StreamName;
  /** Only statuses with larger ids, the oldest of them; null: the newest of all. */
  readonly minId: string | null;
  readonly signal?: AbortSignal;
  /** The local clock, in ms. @default {Date.now} */
  readonly now?: () => number;
}

/** A status of a page. */
export interface PageStatus {
  readonly id: string;
  /** The Status entity as JSON. */
  readonly payload: string;
}

/** What the server answers. */
export type PageAnswer =
  | {
    readonly kind: "page";
    /** In ascending order of their ids. */
    readonly statuses: readonly PageStatus[];
    /** Requests left, and the time until there are more, in ms; null if the server does not say. */
    readonly limit: { readonly remaining: number; readonly resetMs: number } | null;
  }
  /** Too many requests: try again after so long. */
  | { readonly kind: "limited"; readonly retryMs: number | null }
  /** The server shows this timeline to nobody, or not to this token. */
  | { readonly kind: "closed"; readonly detail: string }
  /** The token is not good. */
  | { readonly kind: "refused" }
  /** It may work later. */
  | { readonly kind: "failed"; readonly detail: string };

/** The most statuses of a page that Mastodon allows. */
export const PAGE_SIZE = 40;
/** A page of the largest statuses that are looked into is smaller than this, in bytes. */
const MAX_PAGE_BYTES = 64 * 1024 * 1024;

const pageSchema = z.array(z.looseObject({ id: z.string() })).max(4 * PAGE_SIZE);

/** Reads a page; never throws. */
export async function timelinePage(query: PageQuery): Promise<PageAnswer> {
  const { token, signal, now = Date.now } = query;
  let response: Response;
  let text: string;
  try {
    response = await get(pageUrl(query), {
      token,
      timeoutMs: 30_000,
      ...(signal === undefined ? {} : { signal }),
    });
    text = await limitedText(response);
  } catch (error) {
    return { kind: "failed", detail: causeOf(error) };
  }
  const { status, headers } = response;
  if (status === 429) return { kind: "limited", retryMs: retryAfterMs(headers, now()) };
  if (status === 401) return { kind: "refused" };
  if (status >= 400 && status < 500) return { kind: "closed", detail: `it answers ${status}` };
  if (!response.ok) return { kind: "failed", detail: `it answers ${status}` };
  const statuses = parsePage(text);
  if (statuses === null) return { kind: "failed", detail: "its answer is not a timeline" };
  return { kind: "page", statuses, limit: rateLimit(headers, now()) };
}

function pageUrl({ baseUrl, stream, minId }: PageQuery): string {
  const path = stream.kind === "hashtag" ? `tag/${encodeURIComponent(stream.tag)}` : "public";
  const url = new URL(`/api/v1/timelines/${path}`, baseUrl);
  if (minId !== null) url.searchParams.set("min_id", minId);
  url.searchParams.set("limit", String(PAGE_SIZE));
  if (stream.kind === "public/local") url.searchParams.set("local", "true");
  if (stream.kind === "public/remote") url.searchParams.set("remote", "true");
  return url.href;
}

function parsePage(text: string): PageStatus[] | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const { data } = pageSchema.safeParse(json);
  return data?.filter(({ id }) => isId(id))
    .map((status) => ({ id: status.id, payload: JSON.stringify(status) }))
    .sort((a, b) => compareIds(a.id, b.id)) ?? null;
}

function rateLimit(
  headers: Headers,
  now: number,
): { remaining: number; resetMs: number } | null {
  const remaining = headers.get("x-ratelimit-remaining") ?? "";
  const resetMs = waitOf("x-ratelimit-reset", { headers, now });
  return /^\d{1,9}$/.test(remaining) && resetMs !== null
    ? { remaining: Number(remaining), resetMs }
    : null;
}

/** The body as text; one without end is cut off with an error. */
async function limitedText(response: Response): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > MAX_PAGE_BYTES) throw new Error("its answer is too large");
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
