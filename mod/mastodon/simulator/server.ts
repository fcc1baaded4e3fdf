/**
 * The simulated instance: a local server that speaks Mastodon's streaming and REST protocol.
 *
 * @module
 */
import { FaultBox } from "./_fault_box.ts";
import type { Fault, FaultStep } from "./faults.ts";
import type { SimulatorSource } from "./frames.ts";
import { Hub } from "./_hub.ts";
import { Ledger } from "./ledger.ts";
import type { LedgerOptions } from "./ledger_types.ts";
import type { Pace } from "./pace.ts";
import { Player } from "./_player.ts";
import { Proxy } from "./_proxy.ts";
import { RateLimiter } from "./_rate_limit.ts";
import { answerRest, type Caller, json, type RestContext } from "./_rest.ts";
import { answerStreaming } from "./_streaming.ts";
import type { Lists } from "./_subscriptions.ts";
import { Timeline } from "./timeline.ts";

/** The token that a simulator takes unless it is told another. */
export const DEFAULT_TOKEN = "simulator-token";

/** What {@linkcode startSimulator} takes. */
export interface SimulatorOptions {
  readonly source: SimulatorSource;
  /** 0 takes any free port. @default 0 */
  readonly port?: number;
  /** A loopback address. @default "127.0.0.1" */
  readonly hostname?: "127.0.0.1" | "localhost" | "[::1]";
  /** The only token that is good. @default {@linkcode DEFAULT_TOKEN} */
  readonly token?: string;
  /** How fast frames go out. @default "max" */
  readonly pace?: Pace;
  /**
   * What the source does while nobody is subscribed, after the first subscription: wait, or go on,
   * so that what is missed is only in the timeline. Before the first it always waits.
   * @default "pause"
   */
  readonly whileAway?: "pause" | "continue";
  /** Faults to fire. If given, even empty, connections go through a proxy that can cut them. */
  readonly faults?: readonly FaultStep[];
  /** How the books are kept. */
  readonly ledger?: LedgerOptions;
  /** Mastodon's version, as the instance reports it. @default "4.5.0" */
  readonly version?: string;
  /** @default "pulse.example" */
  readonly domain?: string;
  /** Where the instance says that streaming is. @default its own address */
  readonly streamingUrl?: string;
  /** Who may read the public timeline. @default "open" */
  readonly publicTimeline?: "open" | "authenticated" | "closed";
  /** @default 300 requests in 5 min, as Mastodon has it */
  readonly rateLimit?: { readonly limit: number; readonly periodMs: number };
  /** How many statuses the public timeline keeps. @default 50_000 */
  readonly timelineCapacity?: number;
  /** Lists that may be streamed: ids of their accounts by list id. @default none */
  readonly lists?: Lists;
}

/** A running simulator. */
export interface Simulator extends AsyncDisposable {
  /** Base URL, such as `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Base URL for streaming, such as `ws://127.0.0.1:4000`. */
  readonly streamingUrl: string;
  readonly token: string;
  /** Books of the frames that reached at least one client. */
  readonly ledger: Ledger;
  /** Books of everything that happened on the server, heard of or not. */
  readonly truth: Ledger;
  /** Frames of the source played so far. */
  readonly played: number;
  /** Clients connected now. */
  readonly connections: number;
  /** Requests that carried the token in the URL, which nobody should do. */
  readonly tokensInUrls: number;
  /**
   * Resolves to `true` when every frame has been sent, `false` if it was closed before; rejects if
   * the source fails.
   */
  readonly finished: Promise<boolean>;
  /** Fires a fault before the next frame; resolves once it has fired. */
  inject(fault: Fault): Promise<void>;
  /** Stops playing, drops all clients (through the proxy without a close frame) and frees the port. */
  close(): Promise<void>;
}

/**
 * Starts a simulator on a loopback address. It plays its source once somebody subscribes.
 *
 * @throws {Deno.errors.AddrInUse} If the port is taken.
 * @throws {RangeError} If the pace is not positive.
 * @example
 * ```ts
 * import { generatorSource } from "./generator.ts";
 * import { startSimulator } from "./server.ts";
 * await using sim = await startSimulator({ source: generatorSource({ events: 10 }) });
 * const response = await fetch(`${sim.url}/api/v1/streaming/health`);
 * if (await response.text() !== "OK") throw new Error("expected OK");
 * ```
 */
// deno-lint-ignore require-await -- a taken port is to reject, not to throw
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { hostname = "127.0.0.1", port = 0, token = DEFAULT_TOKEN } = options;
  const stop = new AbortController();
  const hub = new Hub();
  const ledger = new Ledger(options.ledger);
  const truth = new Ledger(options.ledger);
  const timeline = new Timeline(options.timelineCapacity ?? 50_000);
  const player: Player = new Player({
    source: options.source,
    pace: options.pace ?? "max",
    whileAway: options.whileAway ?? "pause",
    faults: options.faults ?? [],
    hub,
    timeline,
    ledger,
    truth,
    fire: (step) => box.fire(step),
    signal: stop.signal,
  });
  let tokensInUrls = 0;

  const answer = (request: Request, info: Deno.ServeHandlerInfo<Deno.NetAddr>): Response => {
    const url = new URL(request.url);
    const { pathname, searchParams } = url;
    const refusal = box.refuse(pathname);
    if (refusal !== null) return refusal;
    if (searchParams.has("access_token")) tokensInUrls++;
    const given = bearer(request.headers) ?? searchParams.get("access_token");
    const accepted = given === token && !box.revoked;
    if (pathname === "/api/v1/streaming" || pathname.startsWith("/api/v1/streaming/")) {
      const { port } = info.remoteAddr;
      return answerStreaming({ request, url, token: given, accepted, port }, {
        hub,
        lists: options.lists ?? new Map(),
        onError: (error, status) => {
          const message = { event: null, payload: null, raw: JSON.stringify({ error, status }) };
          ledger.recordMessage(message);
          truth.recordMessage(message);
        },
      });
    }
    if (request.method !== "GET") return json({ error: "Method not allowed" }, { status: 405 });
    const caller: Caller = given === null ? "anonymous" : accepted ? "user" : "refused";
    return answerRest({ url, caller }, rest) ?? json({ error: "Not found" }, { status: 404 });
  };

  const server = Deno.serve(
    {
      hostname,
      port: options.faults === undefined ? port : 0,
      signal: stop.signal,
      onListen: () => {},
      onError: () => json({ error: "Internal server error" }, { status: 500 }),
    },
    (request, info) => {
      const response = answer(request, info);
      if (box.skewMs !== 0 && response.status !== 101) {
        response.headers.set("Date", new Date(Date.now() + box.skewMs).toUTCString());
      }
      return response;
    },
  );
  const target = { hostname, port: server.addr.port };
  const proxy = options.faults === undefined ? null : new Proxy({ hostname, port }, target);
  const address = `${hostname}:${proxy?.port ?? server.addr.port}`;
  const streamingUrl = options.streamingUrl ?? `ws://${address}`;
  const rest: RestContext = {
    timeline,
    limiter: new RateLimiter(options.rateLimit ?? { limit: 300, periodMs: 300_000 }),
    instance: {
      domain: options.domain ?? "pulse.example",
      title: "Pulse simulator",
      version: options.version ?? "4.5.0",
      streamingUrl,
    },
    publicTimeline: options.publicTimeline ?? "open",
    now: () => Date.now() + box.skewMs,
  };
  const box: FaultBox = new FaultBox({
    hub,
    proxy,
    ledger,
    truth,
    signal: stop.signal,
    played: () => player.played,
    replayOnReturn: (frames) => player.replayOnReturn(frames),
    filler: JSON.stringify({ id: "1", content: "This status never arrives whole. ".repeat(100) }),
  });

  const finished = player.play();
  // Whoever does not ask for the outcome must not be ended by it.
  finished.catch(() => {});

  const close = async (): Promise<void> => {
    stop.abort();
    await proxy?.close();
    for (const client of [...hub.clients]) {
      client.strand();
      client.end();
    }
    await server.finished;
    await finished.catch(() => false);
  };
  return {
    url: `http://${address}`,
    streamingUrl,
    token,
    ledger,
    truth,
    finished,
    get played() {
      return player.played;
    },
    get connections() {
      return hub.clients.size;
    },
    get tokensInUrls() {
      return tokensInUrls;
    },
    inject: (fault) => player.inject({ at: 0, fault }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The token of an `Authorization` header, or of the place where browsers can put one. */
function bearer(headers: Headers): string | null {
  const authorization = /^Bearer\s+(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  const protocol = headers.get("sec-websocket-protocol")?.split(",")[0]?.trim();
  return authorization ?? (protocol === undefined || protocol === "" ? null : protocol);
}
