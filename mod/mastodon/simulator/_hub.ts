import type { Client } from "./_clients.ts";
import type { SimulatorFrame } from "./frames.ts";

/** The connected clients. */
export class Hub {
  readonly clients = new Set<Client>();
  #waiters: (() => void)[] = [];

  /** Whether anybody is subscribed to anything. */
  get listening(): boolean {
    for (const client of this.clients) {
      if (client.live && client.subscriptions.size > 0) return true;
    }
    return false;
  }

  /** The most bytes that wait on one client. */
  get buffered(): number {
    let most = 0;
    for (const { buffered } of this.clients) most = Math.max(most, buffered);
    return most;
  }

  /** Sends to all who want it; returns the number of copies. */
  broadcast(frame: SimulatorFrame): number {
    let copies = 0;
    for (const client of this.clients) if (client.live) copies += client.deliver(frame);
    return copies;
  }

  /** Tells those who wait in {@linkcode Hub.changed} to look again. */
  wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }

  /** Resolves at the next {@linkcode Hub.wake}, or when the signal fires. */
  changed(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = () => {
        signal.removeEventListener("abort", finish);
        resolve();
      };
      signal.addEventListener("abort", finish);
      this.#waiters.push(finish);
    });
  }
}
