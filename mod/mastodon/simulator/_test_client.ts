import type { SimulatorFrame, SimulatorSource } from "./frames.ts";
import { isRecord, parseJson } from "./_guard.ts";
import type { Simulator } from "./server.ts";

/** A plain WebSocket client that keeps what it gets. */
export class TestClient implements Disposable {
  readonly messages: (string | Uint8Array)[] = [];
  readonly opened: Promise<void>;
  /** Resolves with how the connection ended. */
  readonly closed: Promise<{ code: number; clean: boolean; error: string }>;
  readonly socket: WebSocket;

  constructor(sim: Simulator, options: { token?: string; query?: string } = {}) {
    const { token = sim.token, query = "" } = options;
    const url = `${sim.streamingUrl}/api/v1/streaming${query}`;
    this.socket = token === "" ? new WebSocket(url) : new WebSocket(url, [token]);
    this.socket.binaryType = "arraybuffer";
    let error = "";
    this.socket.addEventListener("error", (event) => {
      event.preventDefault();
      if (event instanceof ErrorEvent) error = event.message;
    });
    this.socket.addEventListener("message", ({ data }) => {
      this.messages.push(typeof data === "string" ? data : new Uint8Array(data));
    });
    this.opened = new Promise((resolve) => this.socket.addEventListener("open", () => resolve()));
    this.closed = new Promise((resolve) => {
      this.socket.addEventListener("close", ({ code, wasClean }) => {
        resolve({ code, clean: wasClean, error });
      });
    });
  }

  /** Opens and subscribes. */
  static async subscribed(sim: Simulator, stream = "public", more = {}): Promise<TestClient> {
    const client = new TestClient(sim);
    await client.opened;
    client.ask({ type: "subscribe", stream, ...more });
    return client;
  }

  ask(message: unknown): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Waits until so many messages have come. */
  async count(messages: number): Promise<void> {
    await until(() => this.messages.length >= messages);
  }

  /** The messages that are JSON objects. */
  get objects(): Record<string, unknown>[] {
    return this.messages.map((one) => typeof one === "string" ? parseJson(one) : undefined)
      .filter(isRecord);
  }

  [Symbol.dispose](): void {
    this.socket.close();
  }
}

/** Waits for something to become true; fails after 10 s. */
export async function until(happened: () => boolean): Promise<void> {
  for (let i = 0; i < 5000; i++) {
    if (happened()) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`Waited 10 s in vain for ${happened}`);
}

/** A source of plain statuses with ids that count up from 1001. */
export function plainSource(count: number, tags: readonly string[] = []): SimulatorSource {
  return {
    label: `${count} plain statuses`,
    *frames(): Iterable<SimulatorFrame> {
      for (let index = 0; index < count; index++) {
        const id = String(1001 + index);
        const status = {
          id,
          created_at: new Date(Date.UTC(2026, 0, 5) + index * 1000).toISOString(),
          edited_at: null,
          content: `<p>Number ${index}</p>`,
          visibility: "public",
          account: {
            id: String(index % 3),
            acct: index % 2 === 0 ? "a" : "b@far.example",
            note: "",
          },
          tags: tags.map((name) => ({ name })),
          media_attachments: [],
          reblog: null,
        };
        yield {
          index,
          at: index * 1000,
          kind: "toot",
          event: "update",
          payload: JSON.stringify(status),
          statusId: id,
          status,
        };
      }
    },
  };
}

/** Ids of the statuses in a client's messages, in order. */
export function idsOf(client: TestClient): string[] {
  return client.objects.flatMap(({ event, payload }) => {
    const status = event === "update" && typeof payload === "string" ? parseJson(payload) : null;
    return isRecord(status) && typeof status["id"] === "string" ? [status["id"]] : [];
  });
}

/** The ids of the first so many statuses of {@linkcode plainSource}, from a given one on. */
export function range(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => String(1001 + from + i));
}
