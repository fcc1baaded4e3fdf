/**
 * A small page for whoever watches a job: `/metrics`, `/healthz`, `/readyz` on the loopback address.
 *
 * @module
 */
import type { MetricsPage } from "./metrics.ts";

/** How something is: in order, or why not. */
export interface Health {
  readonly isOk: boolean;
  /** In words, for people. */
  readonly detail: string;
}

/** What the page shows. */
export interface HealthServerOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly metrics: MetricsPage;
  /** Whether the process should go on; if not, restarting it may help. */
  readonly live: () => Health;
  /** Whether it does its work at the moment. */
  readonly ready: () => Health;
}

/** A running page. */
export interface HealthServer extends AsyncDisposable {
  readonly port: number;
}

/**
 * Serves the page on 127.0.0.1 until it is disposed of.
 *
 * @throws {Deno.errors.AddrInUse} if the port is taken
 * @example
 * ```ts
 * import { startHealthServer } from "./health_server.ts";
 * const fine = () => ({ isOk: true, detail: "fine" });
 * const metrics = { contentType: "text/plain", text: () => Promise.resolve("") };
 * await using server = startHealthServer({ port: 0, metrics, live: fine, ready: fine });
 * const answer = await fetch(`http://127.0.0.1:${server.port}/healthz`);
 * if (await answer.text() !== "fine\n") throw new Error();
 * ```
 */
export function startHealthServer(options: HealthServerOptions): HealthServer {
  const { port, metrics, live, ready } = options;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port, onListen: () => {} },
    async ({ url, method }) => {
      if (method !== "GET" && method !== "HEAD") return text(405, "Method not allowed");
      switch (new URL(url).pathname) {
        case "/metrics":
          return new Response(await metrics.text(), {
            headers: { "content-type": metrics.contentType },
          });
        case "/healthz":
          return health(live());
        case "/readyz":
          return health(ready());
        default:
          return text(404, "Not found: there is /metrics, /healthz and /readyz");
      }
    },
  );
  return {
    port: server.addr.port,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function health({ isOk, detail }: Health): Response {
  return text(isOk ? 200 : 503, detail);
}

function text(status: number, line: string): Response {
  return new Response(`${line}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
}
