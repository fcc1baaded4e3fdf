import { assert, assertEquals, assertFalse } from "@std/assert";
import { parseFrame } from "./frame.ts";
import { followStream } from "./live_stream.ts";
import type { StreamEnd } from "./stream_end.ts";
import { parseStreamName } from "./stream_name.ts";

const TOKEN = "hunter2-hunter2";

/** What a connection saw. */
interface Followed {
  readonly end: StreamEnd;
  readonly frames: readonly (string | Uint8Array)[];
  readonly opened: number;
  /** Each request's headers. */
  readonly requests: readonly Headers[];
  /** What the client sent. */
  readonly received: readonly string[];
}

interface Scene {
  readonly stream?: string;
  readonly token?: string | null;
  /** What the server does with a socket that has subscribed. */
  readonly play?: (socket: WebSocket) => void;
  /** Answers instead of a socket. */
  readonly refuse?: () => Response;
  /** Told to stop after so many frames. */
  readonly stopAfter?: number;
  readonly signal?: AbortSignal;
}

/** Follows a server that plays a scene, until the connection ends. */
async function follow(scene: Scene): Promise<Followed> {
  const { stream = "public", token = TOKEN, play, refuse, stopAfter } = scene;
  const requests: Headers[] = [];
  const received: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    requests.push(new Headers(request.headers));
    if (refuse !== undefined) return refuse();
    const protocol = request.headers.get("sec-websocket-protocol");
    const options = protocol === null ? {} : { protocol };
    const { socket, response } = Deno.upgradeWebSocket(request, options);
    socket.onmessage = ({ data }) => {
      received.push(String(data));
      play?.(socket);
    };
    return response;
  });
  const stop = new AbortController();
  const frames: (string | Uint8Array)[] = [];
  let opened = 0;
  try {
    const end = await followStream({
      streamingUrl: `ws://127.0.0.1:${server.addr.port}`,
      token,
      stream: parseStreamName(stream),
      signal: scene.signal === undefined
        ? AbortSignal.any([stop.signal, AbortSignal.timeout(20_000)])
        : scene.signal,
      onFrame: (frame) => {
        frames.push(frame);
        if (frames.length === stopAfter) stop.abort();
      },
      onOpen: () => opened++,
    });
    return { end, frames, opened, requests, received };
  } finally {
    await server.shutdown();
  }
}

Deno.test("followStream() subscribes by name, with the token where only the server sees it", async () => {
  const streams: readonly [name: string, subscription: Record<string, string>][] = [
    ["public", { type: "subscribe", stream: "public" }],
    ["public/local", { type: "subscribe", stream: "public:local" }],
    ["public/remote", { type: "subscribe", stream: "public:remote" }],
    ["hashtag:caturday", { type: "subscribe", stream: "hashtag", tag: "caturday" }],
  ];
  const seen = await Promise.all(
    streams.map(([stream]) => follow({ stream, play: (socket) => socket.close(1000, "enough") })),
  );
  for (const [i, { received, opened, end, requests }] of seen.entries()) {
    assertEquals(received.map((text) => JSON.parse(text)), [streams[i]?.[1]]);
    assertEquals([opened, end.opened, end.detail], [1, true, "Closed by the server (1000 enough)"]);
    const [headers] = requests;
    assertEquals(headers?.get("sec-websocket-protocol"), TOKEN);
    assert(headers?.get("user-agent")?.includes("MastodonPulse"));
  }
});

Deno.test("followStream() hands out every frame as it came, good, bad and binary", async () => {
  const sent = [
    '{"stream":["public"],"event":"delete","payload":"12"}',
    "{not json",
    "",
    '{"error":"Oh","status":500}',
    '{"stream":["public"],"event":"update","payload":"{}"}',
  ];
  const { frames, end } = await follow({
    play(socket) {
      for (const frame of sent) socket.send(frame);
      socket.send(new Uint8Array([0, 255]));
      socket.send("last");
    },
    stopAfter: 7,
  });
  assertEquals(frames, [...sent, new Uint8Array([0, 255]), "last"]);
  assertEquals(frames.map((frame) => parseFrame(frame).kind), [
    "event",
    "malformed",
    "malformed",
    "error",
    "event",
    "malformed",
    "malformed",
  ]);
  assertEquals(end, { opened: true, detail: "Stopped", status: null, retryAfterMs: null });
});

Deno.test("followStream() ends with what the server said, and never shows the token", async () => {
  const [refused, busy, reason, dropped] = await Promise.all([
    follow({ refuse: () => new Response(`${TOKEN} is revoked`, { status: 401 }) }),
    follow({ refuse: () => new Response(null, { status: 503 }), token: null }),
    follow({ play: (socket) => socket.close(4000, `bad token ${TOKEN}`) }),
    follow({ play: (socket) => socket.close() }),
  ]);
  assertEquals([refused.end.opened, refused.end.status, refused.opened], [false, 401, 0]);
  assertEquals([busy.end.opened, busy.end.status], [false, 503]);
  assertEquals(busy.requests[0]?.get("sec-websocket-protocol"), null);
  assertEquals(reason.end.detail, "Closed by the server (4000 bad token ***)");
  assertEquals(dropped.end.opened, true);
  for (const { end } of [refused, busy, reason, dropped]) assertFalse(end.detail.includes(TOKEN));
});

Deno.test("followStream() ends at once when told to, connected or not", async () => {
  const before = await follow({ signal: AbortSignal.abort() });
  assertEquals([before.end.opened, before.requests.length], [false, 0]);
  const connecting = new AbortController();
  const during = follow({ signal: connecting.signal });
  connecting.abort();
  assertEquals((await during).end, {
    opened: false,
    detail: "Stopped",
    status: null,
    retryAfterMs: null,
  });
});

Deno.test("followStream() says so where nobody answers", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const end = await followStream({
    streamingUrl: `ws://127.0.0.1:${port}`,
    token: TOKEN,
    stream: { kind: "public" },
    signal: AbortSignal.timeout(20_000),
    onFrame: () => {},
  });
  assertEquals([end.opened, end.status], [false, null]);
  assert(end.detail.length > 0);
});
