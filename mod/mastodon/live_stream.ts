/**
 * One connection to a server's streaming API, through npm:masto.
 *
 * masto connects, authenticates and subscribes; the frames are taken raw from its socket. Its own
 * iterator would end at the first malformed frame without giving the payload away, and rename every
 * key of every status at a cost of a third of a core at 2,000 statuses a second.
 *
 * @module
 */
import { createStreamingAPIClient } from "masto";
import { mask } from "../config/mask.ts";
import { USER_AGENT } from "./server.ts";
import type { FollowOptions, StreamEnd } from "./stream_end.ts";

/** Follows a stream until the connection ends, for whatever reason; never throws. */
export async function followStream(options: FollowOptions): Promise<StreamEnd> {
  const { streamingUrl, token, stream, signal } = options;
  if (signal.aborted) {
    return { opened: false, detail: "Stopped", status: null, retryAfterMs: null };
  }
  const connection = new Connection(options);
  const client = createStreamingAPIClient({
    streamingApiUrl: streamingUrl,
    ...(token === null ? {} : { accessToken: token }),
    implementation: connection.socketClass(),
    // One attempt each: the supervisor decides when to try again.
    retry: false,
  });
  const stop = () => connection.close("Stopped");
  signal.addEventListener("abort", stop);
  try {
    const subscription = stream.kind === "hashtag"
      ? client.hashtag.subscribe({ tag: stream.tag })
      : stream.kind === "public"
      ? client.public.subscribe()
      : stream.kind === "public/local"
      ? client.public.local.subscribe()
      : client.public.remote.subscribe();
    // The socket keeps its messages from masto, so this only drives the subscription.
    const events = subscription.values()[Symbol.asyncIterator]();
    await Promise.race([
      connection.ended,
      events.next().then(() => connection.ended, () => connection.ended),
    ]);
    return await connection.ended;
  } finally {
    signal.removeEventListener("abort", stop);
    client.close();
  }
}

/** What passes between masto's socket and us. */
class Connection {
  readonly ended: Promise<StreamEnd>;
  readonly #options: FollowOptions;
  readonly #end: (end: StreamEnd) => void;
  #socket: WebSocket | null = null;
  #opened = false;
  #closed = false;
  #detail: string | null = null;

  constructor(options: FollowOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<StreamEnd>();
    this.ended = promise;
    this.#end = resolve;
  }

  close(detail: string): void {
    this.#detail ??= detail;
    this.#closed = true;
    this.#socket?.close();
    // A peer that is gone never answers the close; nobody waits for it.
    this.#finish(detail);
  }

  #finish(detail: string): void {
    this.#closed = true;
    const status = this.#opened ? null : refusalStatus(detail);
    this.#end({
      opened: this.#opened,
      detail: this.#masked(detail),
      status,
      // A browser's WebSocket keeps the refusal's headers to itself, and so does Deno's.
      retryAfterMs: null,
    });
  }

  #attach(socket: WebSocket): void {
    this.#socket = socket;
    // masto waits a second before it connects, also where it was told to try once and the connection
    // that it had has ended: by now nobody may want another.
    if (this.#closed) socket.close();
    socket.binaryType = "arraybuffer";
    // Not through the override below, as `onclose` and the like would be.
    const listen = (type: string, listener: EventListenerOrEventListenerObject) =>
      EventTarget.prototype.addEventListener.call(socket, type, listener);
    listen("message", (event) => {
      if (event instanceof MessageEvent) this.#receive(event);
    });
    listen("open", () => {
      if (this.#closed) return;
      this.#opened = true;
      // After masto's own listener has sent the subscription.
      queueMicrotask(() => this.#options.onOpen?.());
    });
    listen("error", (event) => {
      // Or Deno prints it.
      event.preventDefault();
      const detail = event instanceof ErrorEvent ? event.message : "Connection failed";
      this.#detail ??= this.#masked(detail);
    });
    listen("close", (event) => {
      const { code, reason } = event instanceof CloseEvent ? event : { code: 0, reason: "" };
      this.#finish(this.#detail ?? `Closed by the server (${code}${reason && ` ${reason}`})`);
    });
  }

  #receive({ data }: MessageEvent): void {
    if (this.#closed) return;
    this.#options.onFrame(data instanceof ArrayBuffer ? new Uint8Array(data) : String(data));
  }

  #masked(text: string): string {
    const { token } = this.#options;
    return mask(text, token === null ? [] : [token]);
  }

  /** A WebSocket that gives its messages to us and not to masto. */
  socketClass(): unknown {
    const attach = (socket: WebSocket) => this.#attach(socket);
    return class extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        const list = protocols === undefined ? [] : [protocols].flat();
        super(url, { protocols: list, headers: { "user-agent": USER_AGENT } });
        attach(this);
      }
      override addEventListener(
        type: string,
        listener: EventListenerOrEventListenerObject | null,
        options?: boolean | AddEventListenerOptions,
      ): void {
        // masto would parse every frame once more, and throw at a malformed one; and of a connection
        // that was never open it would write to the console.
        if (type === "message" || listener === null) return;
        if (type !== "open" && this.readyState !== WebSocket.OPEN) return;
        super.addEventListener(type, listener, options);
      }
    };
  }
}

/** The status of a refused upgrade, which Deno tells in words alone. */
function refusalStatus(detail: string): number | null {
  const code = /status code: (\d{3})/.exec(detail)?.[1];
  return code === undefined ? null : Number(code);
}
