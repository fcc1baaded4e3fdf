/**
 * The streaming interface: health, WebSocket, event streams.
 *
 * @module
 */
import { type Client, EventStreamClient, SocketClient } from "./_clients.ts";
import { isRecord, parseJson } from "./_guard.ts";
import type { Hub } from "./_hub.ts";
import { json } from "./_rest.ts";
import { type Lists, streamOfPath, subscribe } from "./_subscriptions.ts";

export interface StreamingContext {
  readonly hub: Hub;
  readonly lists: Lists;
  /** An error frame was sent in answer to this client. */
  onError(error: string, status: number): void;
}

interface StreamingRequest {
  readonly request: Request;
  readonly url: URL;
  /** `null` if none was given. */
  readonly token: string | null;
  readonly accepted: boolean;
  readonly port: number;
}

/** Answers a request under `/api/v1/streaming`. */
export function answerStreaming(asked: StreamingRequest, context: StreamingContext): Response {
  const { request, url, token } = asked;
  if (url.pathname === "/api/v1/streaming/health") {
    return new Response("OK", { headers: { "Cache-Control": "private, no-store" } });
  }
  if (!asked.accepted) {
    const error = token === null ? "Missing access token" : "Invalid access token";
    return json({ error }, { status: 401 });
  }
  if (request.headers.get("upgrade")?.toLowerCase() === "websocket") {
    return openSocket(asked, context);
  }
  return openEventStream(asked, context);
}

function openSocket(asked: StreamingRequest, context: StreamingContext): Response {
  const protocol = asked.request.headers.get("sec-websocket-protocol")?.split(",")[0]?.trim();
  // The real server, too, pings every 30 s and drops who does not answer.
  const { socket, response } = Deno.upgradeWebSocket(asked.request, {
    idleTimeout: 30,
    ...(protocol === undefined || protocol === "" ? {} : { protocol }),
  });
  const client = new SocketClient(socket, asked.port);
  const { hub } = context;
  socket.onopen = () => {
    hub.clients.add(client);
    const stream = asked.url.searchParams.get("stream");
    if (stream !== null) {
      const { searchParams } = asked.url;
      const [tag, list] = [searchParams.get("tag"), searchParams.get("list")];
      act(client, { type: "subscribe", stream, tag, list }, context);
    }
  };
  socket.onmessage = ({ data }) => {
    const message = typeof data === "string" ? parseJson(data) : undefined;
    // The real server drops what it cannot read without a word.
    if (isRecord(message)) act(client, message, context);
  };
  socket.onclose = () => {
    hub.clients.delete(client);
    hub.wake();
  };
  // A close event follows.
  socket.onerror = () => {};
  return response;
}

/** Does what a client asks for; nothing is acknowledged. */
function act(client: Client, message: Record<string, unknown>, context: StreamingContext): void {
  const { type, stream } = message;
  if (type !== "subscribe" && type !== "unsubscribe") return;
  const result = subscribe({
    stream: typeof stream === "string" ? stream : "",
    tag: typeof message["tag"] === "string" ? message["tag"] : null,
    list: typeof message["list"] === "string" ? message["list"] : null,
  }, context.lists);
  if ("error" in result) {
    client.error(result.error, result.status);
    context.onError(result.error, result.status);
    return;
  }
  const key = JSON.stringify(result.stream);
  if (type === "subscribe") client.subscriptions.set(key, result);
  else client.subscriptions.delete(key);
  context.hub.wake();
}

function openEventStream(asked: StreamingRequest, context: StreamingContext): Response {
  const { searchParams, pathname } = asked.url;
  const stream = streamOfPath(pathname, searchParams);
  if (stream === null) return json({ error: "Unknown stream type" }, { status: 400 });
  const subscription = subscribe(
    { stream, tag: searchParams.get("tag"), list: searchParams.get("list") },
    context.lists,
  );
  if ("error" in subscription) {
    return json({ error: subscription.error }, { status: subscription.status });
  }
  const { hub } = context;
  const client = new EventStreamClient(asked.port, () => {
    hub.clients.delete(client);
    hub.wake();
  });
  client.subscriptions.set(stream, subscription);
  hub.clients.add(client);
  hub.wake();
  return new Response(client.body, {
    headers: { "Content-Type": "text/event-stream", "Cache-Control": "private, no-store" },
  });
}
