/**
 * A TCP proxy in front of the simulator's server: cuts connections in mid-frame and makes them
 * half-open, which no HTTP server can do to itself.
 *
 * @module
 */
import { FrameCounter } from "./_frame_counter.ts";

/** One connection through the proxy. */
class Link {
  readonly counter = new FrameCounter();
  readonly #client: Deno.TcpConn;
  readonly #server: Deno.TcpConn;
  #silent = false;
  #cutNext = false;
  #closed = false;

  constructor(client: Deno.TcpConn, server: Deno.TcpConn) {
    this.#client = client;
    this.#server = server;
  }

  async run(): Promise<void> {
    await Promise.all([this.#pumpUp(), this.#pumpDown()]);
  }

  /** From now on nothing comes through, in either direction. */
  silence(): void {
    this.#silent = true;
  }

  /** Cuts in the middle of the next message. */
  cutInNextMessage(): void {
    this.#cutNext = true;
  }

  /** Drops both ends at once. */
  cut(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeQuietly(this.#client);
    closeQuietly(this.#server);
  }

  get closed(): boolean {
    return this.#closed;
  }

  async #pumpUp(): Promise<void> {
    await this.#pump(this.#client, async (chunk) => {
      if (!this.#silent) await writeAll(this.#server, chunk);
    });
  }

  async #pumpDown(): Promise<void> {
    await this.#pump(this.#server, async (chunk) => {
      if (this.#silent) return;
      const cutting = this.#cutNext;
      const before = this.counter.messages;
      const size = this.counter.take(chunk, cutting);
      await writeAll(this.#client, chunk.subarray(0, size));
      if (cutting && (size < chunk.length || this.counter.messages > before)) this.cut();
    });
  }

  async #pump(from: Deno.TcpConn, pass: (chunk: Uint8Array) => Promise<void>): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (;;) {
        const size = await from.read(buffer);
        if (size === null) break;
        await pass(buffer.subarray(0, size));
      }
    } catch {
      // Either end may go away at any moment: that is what this is for.
    }
    // A half-open connection must not tell the client that the server has gone.
    if (!(this.#silent && from === this.#server)) this.cut();
  }
}

/** Listens on one port and passes everything on to another on the same host. */
export class Proxy {
  readonly #listener: Deno.TcpListener;
  readonly #target: { readonly hostname: string; readonly port: number };
  readonly #links = new Map<number, Link>();
  readonly #done: Promise<void>;

  constructor(
    listen: { readonly hostname: string; readonly port: number },
    target: { readonly hostname: string; readonly port: number },
  ) {
    this.#listener = Deno.listen(listen);
    this.#target = target;
    this.#done = this.#accept();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** The connection that reaches the server from the given port. */
  link(port: number): Link | undefined {
    return this.#links.get(port);
  }

  async close(): Promise<void> {
    this.#listener.close();
    for (const link of this.#links.values()) link.cut();
    await this.#done;
  }

  async #accept(): Promise<void> {
    const running = new Set<Promise<void>>();
    try {
      for await (const client of this.#listener) {
        const job = this.#serve(client).finally(() => running.delete(job));
        running.add(job);
      }
    } catch {
      // The listener was closed.
    }
    await Promise.all(running);
  }

  async #serve(client: Deno.TcpConn): Promise<void> {
    let server: Deno.TcpConn;
    try {
      server = await Deno.connect(this.#target);
    } catch {
      closeQuietly(client);
      return;
    }
    const { port } = server.localAddr;
    const link = new Link(client, server);
    this.#links.set(port, link);
    try {
      await link.run();
    } finally {
      this.#links.delete(port);
    }
  }
}

async function writeAll(to: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let i = 0; i < bytes.length;) i += await to.write(bytes.subarray(i));
}

function closeQuietly(conn: Deno.TcpConn): void {
  try {
    conn.close();
  } catch {
    // Closed already.
  }
}
