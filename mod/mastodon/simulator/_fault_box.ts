/**
 * Fires faults on a running simulator.
 *
 * @module
 */
import { sleep } from "../../async/waiting.ts";
import type { Client } from "./_clients.ts";
import type { Fault, FaultStep } from "./faults.ts";
import type { Hub } from "./_hub.ts";
import type { Ledger } from "./ledger.ts";
import type { Proxy } from "./_proxy.ts";
import { json } from "./_rest.ts";

export interface FaultContext {
  readonly hub: Hub;
  readonly proxy: Proxy | null;
  readonly ledger: Ledger;
  readonly truth: Ledger;
  readonly signal: AbortSignal;
  played(): number;
  replayOnReturn(frames: number): void;
  /** A message that every client gets and nobody is to understand: half of it. */
  readonly filler: string;
}

/** How long a cut waits until everything sent before it has gone out. */
const FLUSH_MS = 5_000;

/** What faults have done to the server. */
export class FaultBox {
  /** How far the server's clock is off, in ms. */
  skewMs = 0;
  #revoked = false;
  #restoreAt = Infinity;
  #refusal: (Extract<Fault, { kind: "refuse" }> & { readonly until: number }) | null = null;
  readonly #context: FaultContext;

  constructor(context: FaultContext) {
    this.#context = context;
  }

  /** Whether the token has been revoked. */
  get revoked(): boolean {
    if (Date.now() >= this.#restoreAt) this.#revoked = false;
    return this.#revoked;
  }

  /** The refusal that a request gets, if any. */
  refuse(pathname: string): Response | null {
    const refusal = this.#refusal;
    if (refusal === null || Date.now() >= refusal.until) return null;
    const { status, retryAfter, paths = "all" } = refusal;
    const streaming = pathname.startsWith("/api/v1/streaming");
    if (paths !== "all" && (paths === "streaming") !== streaming) return null;
    const headers = retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) };
    return json({ error: REASONS[status] }, { status, headers });
  }

  /** Fires a fault; resolves when the source may go on. */
  async fire({ fault }: FaultStep): Promise<void> {
    const { hub, ledger, truth, signal } = this.#context;
    const clients = [...hub.clients].filter(({ live }) => live);
    const fired = {
      kind: fault.kind,
      atFrame: this.#context.played(),
      connections: clients.length,
    };
    ledger.recordFault(fired);
    truth.recordFault(fired);
    switch (fault.kind) {
      case "cut":
        return await this.#cut(clients, fault.midFrame === true);
      case "silence":
        await this.#flush(clients);
        for (const client of clients) {
          client.strand();
          this.#link(client)?.silence();
        }
        return;
      case "quiet":
        return await sleep(fault.ms, signal);
      case "error": {
        const { error = "Internal server error", status = 500 } = fault;
        for (const client of clients) client.error(error, status);
        if (clients.length > 0) {
          const message = { event: null, payload: null, raw: JSON.stringify({ error, status }) };
          ledger.recordMessage(message);
          truth.recordMessage(message);
        }
        return;
      }
      case "refuse":
        this.#refusal = { ...fault, until: Date.now() + fault.ms };
        return fault.cut === false ? undefined : await this.#cut(clients, false);
      case "revoke":
        this.#revoked = true;
        this.#restoreAt = Date.now() + (fault.restoreAfterMs ?? Infinity);
        await this.#flush(clients);
        for (const client of clients) {
          client.strand();
          client.end();
        }
        return;
      case "replay":
        this.#context.replayOnReturn(fault.frames);
        return await this.#cut(clients, false);
      case "skew":
        this.skewMs = fault.ms;
    }
  }

  async #cut(clients: readonly Client[], midFrame: boolean): Promise<void> {
    await this.#flush(clients);
    await Promise.all(clients.map(async (client) => {
      const link = this.#link(client);
      if (midFrame && link !== undefined) {
        link.cutInNextMessage();
        client.deliver({
          index: -1,
          at: 0,
          kind: "ignored",
          event: "update",
          payload: this.#context.filler,
          statusId: null,
        });
        for (let ms = 0; ms < FLUSH_MS && !link.closed; ms++) {
          await sleep(1, this.#context.signal);
        }
      }
      client.strand();
      link?.cut();
    }));
  }

  /** Waits until all that was sent has left, so that it is known what a cut takes away. */
  async #flush(clients: readonly Client[]): Promise<void> {
    for (let ms = 0; ms < FLUSH_MS; ms++) {
      const waiting = clients.some((client) => {
        const counter = this.#link(client)?.counter;
        const passed = counter === undefined || client.hasPassed(counter);
        return client.live && (client.buffered > 0 || !passed);
      });
      if (!waiting || this.#context.signal.aborted) return;
      await sleep(1, this.#context.signal);
    }
  }

  #link(client: Client) {
    return this.#context.proxy?.link(client.port);
  }
}

/** As Mastodon and the web servers in front of it word them. */
const REASONS = {
  401: "The access token is invalid",
  403: "This action is not allowed",
  429: "Too many requests",
  500: "Internal server error",
  502: "Bad Gateway",
  503: "Service Unavailable",
} as const;
