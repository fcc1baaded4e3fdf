/**
 * Connected clients: WebSockets and event streams, behind one interface.
 *
 * @module
 */
import { encodeFrame, type SimulatorFrame } from "./frames.ts";
import type { FrameCounter } from "./_frame_counter.ts";
import type { Subscription } from "./_subscriptions.ts";

export interface Client {
  /** The port that the connection came from: tells which link of the proxy it uses. */
  readonly port: number;
  /** By the joined name of their stream. */
  readonly subscriptions: Map<string, Subscription>;
  /** False once it is closed, or cut off without knowing it. */
  readonly live: boolean;
  /** Whether everything sent has passed the counter. */
  hasPassed(counter: FrameCounter): boolean;
  /** Bytes that wait to be sent. */
  readonly buffered: number;
  /** Sends the frame once per subscription that carries it; says how often. */
  deliver(frame: SimulatorFrame): number;
  /** Sends an error in band. */
  error(error: string, status: number): void;
  /** Sends no more, as if all was well. */
  strand(): void;
  /** Closes the connection in an orderly way. */
  end(): void;
}

export class SocketClient implements Client {
  readonly subscriptions = new Map<string, Subscription>();
  readonly port: number;
  readonly #socket: WebSocket;
  #stranded = false;
  #sent = 0;

  constructor(socket: WebSocket, port: number) {
    this.#socket = socket;
    this.port = port;
  }

  get live(): boolean {
    return !this.#stranded && this.#socket.readyState === WebSocket.OPEN;
  }

  hasPassed(counter: FrameCounter): boolean {
    return counter.messages >= this.#sent;
  }

  get buffered(): number {
    return this.live ? this.#socket.bufferedAmount : 0;
  }

  deliver(frame: SimulatorFrame): number {
    let copies = 0;
    for (const { stream, carries } of this.subscriptions.values()) {
      if (!carries(frame)) continue;
      this.#send(encodeFrame(frame, stream));
      copies++;
      // A raw frame names no stream: once is enough.
      if (frame.raw !== undefined) break;
    }
    return copies;
  }

  error(error: string, status: number): void {
    if (this.live) this.#send(JSON.stringify({ error, status }));
  }

  strand(): void {
    this.#stranded = true;
  }

  end(): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close();
  }

  #send(message: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(message);
    this.#sent++;
  }
}

const THUMP_MS = 15_000;

export class EventStreamClient implements Client {
  readonly subscriptions = new Map<string, Subscription>();
  readonly port: number;
  readonly body: ReadableStream<Uint8Array>;
  readonly #encoder = new TextEncoder();
  readonly #onClose: () => void;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #stranded = false;
  #written = 0;

  /** @param onClose Called once, when either side has ended it. */
  constructor(port: number, onClose: () => void) {
    this.port = port;
    this.body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
        this.#write(":)\n");
        this.#timer = setInterval(() => this.#write(":thump\n"), THUMP_MS);
      },
      cancel: () => {
        this.#stop();
        onClose();
      },
    }, { highWaterMark: 256 * 1024, size: (chunk) => chunk?.byteLength ?? 0 });
    this.#onClose = onClose;
  }

  get live(): boolean {
    return !this.#stranded && this.#controller !== null;
  }

  hasPassed(counter: FrameCounter): boolean {
    return counter.bodyBytes >= this.#written;
  }

  get buffered(): number {
    if (!this.live) return 0;
    return Math.max(0, 256 * 1024 - (this.#controller?.desiredSize ?? 0));
  }

  /** A raw frame cannot be told as an event, so it is left out. A client has one stream. */
  deliver(frame: SimulatorFrame): number {
    const wanted = [...this.subscriptions.values()].some(({ carries }) => carries(frame));
    if (!wanted || frame.event === null || frame.raw !== undefined) return 0;
    const data = (frame.payload ?? "undefined").replaceAll("\n", "\ndata: ");
    this.#write(`event: ${frame.event}\ndata: ${data}\n\n`);
    return 1;
  }

  /** Event streams have no errors in band. */
  error(): void {}

  strand(): void {
    this.#stranded = true;
  }

  end(): void {
    const controller = this.#controller;
    if (controller === null) return;
    this.#stop();
    controller.close();
    this.#onClose();
  }

  #write(text: string): void {
    if (this.#stranded || this.#controller === null) return;
    const bytes = this.#encoder.encode(text);
    this.#controller.enqueue(bytes);
    this.#written += bytes.length;
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#controller = null;
  }
}
