/**
 * Plays the source: waits for listeners and for each frame's time, fires faults, keeps the books.
 *
 * @module
 */
import { sleep } from "../../async/waiting.ts";
import type { FaultStep } from "./faults.ts";
import type { SimulatorFrame, SimulatorSource } from "./frames.ts";
import type { Hub } from "./_hub.ts";
import type { Ledger } from "./ledger.ts";
import { type Pace, Pacer } from "./pace.ts";
import type { Timeline } from "./timeline.ts";

export interface PlayerOptions {
  readonly source: SimulatorSource;
  readonly pace: Pace;
  readonly whileAway: "pause" | "continue";
  readonly faults: readonly FaultStep[];
  readonly hub: Hub;
  readonly timeline: Timeline;
  /** Books of what was sent. */
  readonly ledger: Ledger;
  /** Books of what happened on the server, whether anybody heard of it or not. */
  readonly truth: Ledger;
  /** Fires a fault; resolves when the source may go on. */
  fire(step: FaultStep): Promise<void>;
  readonly signal: AbortSignal;
}

/** Above this many bytes waiting on one client, the source waits too. */
const HIGH_WATER = 1024 * 1024;
/** How many frames in a row may be sent before others get their turn. */
const BURST = 64;

export class Player {
  readonly #options: PlayerOptions;
  readonly #pacer: Pacer;
  readonly #steps: FaultStep[];
  readonly #injected: { step: FaultStep; done: () => void; failed: (error: unknown) => void }[] =
    [];
  readonly #history: SimulatorFrame[] = [];
  #replayNext = 0;
  #started = false;
  #played = 0;
  #ended = false;

  constructor(options: PlayerOptions) {
    this.#options = options;
    this.#pacer = new Pacer(options.pace);
    this.#steps = options.faults.toSorted((a, b) => a.at - b.at);
  }

  /** How many frames of the source have been played. */
  get played(): number {
    return this.#played;
  }

  /** Fires a fault before the next frame, or at once if nothing is being played. */
  inject(step: FaultStep): Promise<void> {
    if (this.#ended) return this.#options.fire(step);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#injected.push({ step, done: resolve, failed: reject });
    this.#options.hub.wake();
    return promise;
  }

  /** Has the last frames sent again to the next who subscribes. */
  replayOnReturn(frames: number): void {
    this.#replayNext = frames;
  }

  /** Plays to the end; `false` if it was stopped before. */
  async play(): Promise<boolean> {
    const { source, signal, hub } = this.#options;
    try {
      for await (const frame of source.frames()) {
        await this.#ready(frame);
        if (signal.aborted) return false;
        this.#send(frame);
        this.#played++;
        if (this.#played % BURST === 0) await sleep(0, signal);
        while (hub.buffered > HIGH_WATER && !signal.aborted) await sleep(1, signal);
      }
      await this.#fireDue(Infinity);
      while (hub.buffered > 0 && !signal.aborted) await sleep(1, signal);
      return !signal.aborted;
    } finally {
      this.#ended = true;
      await this.#fireInjected();
    }
  }

  async #ready(frame: SimulatorFrame): Promise<void> {
    const { signal, hub, whileAway } = this.#options;
    await this.#fireDue(frame.index);
    while (!signal.aborted && !hub.listening && !(this.#started && whileAway === "continue")) {
      this.#pacer.rest();
      await hub.changed(signal);
      await this.#fireInjected();
    }
    this.#started = true;
    for (let i = this.#replayNext; i > 0 && hub.listening; i--) {
      const old = this.#history.at(-i);
      if (old !== undefined && hub.broadcast(old) > 0) this.#options.ledger.record(old);
      this.#replayNext = i - 1;
    }
    const due = performance.now() + this.#pacer.dueIn({ at: frame.at, now: performance.now() });
    for (;;) {
      const rest = due - performance.now();
      if (rest < 1 || signal.aborted) return;
      // Short naps, so that an injected fault need not wait for a distant frame.
      await sleep(Math.min(rest, 50), signal);
      await this.#fireInjected();
    }
  }

  async #fireDue(index: number): Promise<void> {
    for (;;) {
      const step = this.#steps[0];
      if (step === undefined || step.at > index) break;
      this.#steps.shift();
      await this.#options.fire(step);
      this.#pacer.rest();
    }
    await this.#fireInjected();
  }

  async #fireInjected(): Promise<void> {
    for (let next = this.#injected.shift(); next; next = this.#injected.shift()) {
      await this.#options.fire(next.step).then(next.done, next.failed);
      this.#pacer.rest();
    }
  }

  #send(frame: SimulatorFrame): void {
    const { hub, timeline, ledger, truth } = this.#options;
    timeline.apply(frame);
    truth.record(frame);
    if (hub.broadcast(frame) > 0) ledger.record(frame);
    this.#history.push(frame);
    if (this.#history.length > 2 * KEPT) this.#history.splice(0, KEPT);
  }
}

/** How many frames are kept for a replay. */
const KEPT = 1000;
