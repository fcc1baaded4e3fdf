/**
 * The REST interface: instance, credentials, public timeline.
 *
 * @module
 */
import type { Instance, InstanceV1 } from "../entities.ts";
import type { RateLimiter } from "./_rate_limit.ts";
import type { Timeline } from "./timeline.ts";

export interface RestContext {
  readonly timeline: Timeline;
  readonly limiter: RateLimiter;
  readonly instance: {
    readonly domain: string;
    readonly title: string;
    readonly version: string;
    readonly streamingUrl: string;
  };
  readonly publicTimeline: "open" | "authenticated" | "closed";
  /** The server's clock, in ms. */
  now(): number;
}

/** Who calls: nobody in particular, somebody with a good token, or with a bad one. */
export type Caller = "anonymous" | "user" | "refused";

/** Answers a REST request; `null` if no such endpoint is known. */
export function answerRest(
  request: { readonly url: URL; readonly caller: Caller },
  context: RestContext,
): Response | null {
  const { url, caller } = request;
  if (!/^\/api\/v[12]\//.test(url.pathname)) return null;
  const { allowed, headers } = context.limiter.take(caller, context.now());
  if (!allowed) return json({ error: "Too many requests" }, { status: 429, headers });
  switch (url.pathname) {
    case "/api/v2/instance":
      // The second version of the description came with Mastodon 4.0.
      if (Number.parseInt(context.instance.version, 10) < 4) return notFound(headers);
      return json(describe(context), { headers });
    case "/api/v1/instance":
      return json(describeV1(context), { headers });
    case "/api/v1/accounts/verify_credentials":
      if (caller !== "user") return unauthorized(headers);
      return json({ id: "1", username: "pulse", acct: "pulse", bot: true, source: {} }, {
        headers,
      });
    case "/api/v1/timelines/public":
      return publicTimeline(request, { context, headers });
    default:
      return notFound(headers);
  }
}

function publicTimeline(
  { url, caller }: { url: URL; caller: Caller },
  { context, headers }: { context: RestContext; headers: Readonly<Record<string, string>> },
): Response {
  if (caller === "refused") return unauthorized(headers);
  if (context.publicTimeline === "closed") {
    return json({ error: "This action is not allowed" }, { status: 403, headers });
  }
  if (context.publicTimeline === "authenticated" && caller !== "user") {
    const error = "This method requires an authenticated user";
    return json({ error }, { status: 422, headers });
  }
  const query = url.searchParams;
  const page = context.timeline.page({
    min_id: query.get("min_id"),
    max_id: query.get("max_id"),
    since_id: query.get("since_id"),
    limit: query.get("limit"),
    local: isTrue(query.get("local")),
    remote: isTrue(query.get("remote")),
    onlyMedia: isTrue(query.get("only_media")),
  });
  const first = page.ids.at(0);
  const last = page.ids.at(-1);
  const to = (name: string, id: string) => {
    const next = new URL(url);
    for (const key of ["min_id", "max_id", "since_id", "access_token"]) {
      next.searchParams.delete(key);
    }
    next.searchParams.set(name, id);
    return next.href;
  };
  const link = first === undefined || last === undefined
    ? {}
    : { Link: `<${to("max_id", last)}>; rel="next", <${to("min_id", first)}>; rel="prev"` };
  return new Response(`[${page.payloads.join(",")}]`, {
    headers: { "Content-Type": "application/json; charset=utf-8", ...headers, ...link },
  });
}

function describe({ instance }: RestContext): Instance {
  return {
    domain: instance.domain,
    title: instance.title,
    version: instance.version,
    source_url: "https://github.com/mastodon/mastodon",
    description: "A simulated Mastodon instance",
    usage: { users: { active_month: 160 } },
    languages: ["en"],
    configuration: { urls: { streaming: instance.streamingUrl } },
    registrations: { enabled: false, approval_required: false },
    contact: { email: "admin@pulse.example" },
    rules: [{ id: "1", text: "Collection of public posts for research is welcome here" }],
  };
}

function describeV1({ instance, timeline }: RestContext): InstanceV1 {
  return {
    uri: instance.domain,
    title: instance.title,
    short_description: "A simulated Mastodon instance",
    description: "A simulated Mastodon instance",
    email: "admin@pulse.example",
    version: instance.version,
    urls: { streaming_api: instance.streamingUrl },
    stats: { user_count: 160, status_count: timeline.size, domain_count: 24 },
    languages: ["en"],
    registrations: false,
    approval_required: false,
    rules: [{ id: "1", text: "Collection of public posts for research is welcome here" }],
  };
}

function unauthorized(headers: Readonly<Record<string, string>>): Response {
  return json({ error: "The access token is invalid" }, { status: 401, headers });
}

function notFound(headers: Readonly<Record<string, string>>): Response {
  return json({ error: "Record not found" }, { status: 404, headers });
}

/** As Rails reads a boolean parameter. */
function isTrue(value: string | null): boolean {
  return value !== null && !["", "0", "f", "false", "off"].includes(value.toLowerCase());
}

/** A JSON answer. */
export function json(
  body: unknown,
  init: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {},
): Response {
  return new Response(JSON.stringify(body), {
    status: init.status ?? 200,
    headers: { "Content-Type": "application/json; charset=utf-8", ...init.headers },
  });
}
