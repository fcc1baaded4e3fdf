/**
 * One stream of one server, followed without silent gaps: after every interruption what was missed
 * is fetched from the timeline, and only then does the live stream go on into the log, so that the
 * log stays nearly in the order of time.
 *
 * @module
 */
import { compareIds, idTimeMs, laterId, overlapId } from "../mastodon/status_id.ts";
import type { ServerInfo } from "../mastodon/server.ts";
import type { Follow, StreamEnd } from "../mastodon/stream_end.ts";
import { streamLabel, type StreamName } from "../mastodon/stream_name.ts";
import type { timelinePage } from "../mastodon/timeline.ts";
import type { streamingHealth } from "../mastodon/token_check.ts";
import { backfill, type BackfillResult } from "./backfill.ts";
import type { Bookkeeper } from "./bookkeeper.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { SourceId } from "./ingest_store.ts";
import type { Intake } from "./intake.ts";
import { Held } from "./_held.ts";
import { quoted } from "./_quoted.ts";
import type { Entry, Outbox } from "./outbox.ts";
import { supervise } from "./supervisor.ts";

/** How a stream is followed. */
export interface FollowerOptions {
  readonly server: ServerInfo;
  readonly token: string | null;
  readonly stream: StreamName;
  /** Makes the intake, whose entries go where it is told. */
  readonly intake: (push: (entry: Entry) => void) => Intake;
  readonly outbox: Outbox;
  readonly books: Bookkeeper;
  readonly say: (level: "info" | "warn", line: string) => void;
  readonly signal: AbortSignal;
  readonly follow?: Follow;
  /** @default {90_000} */
  readonly stallMs?: number;
  /** @default {30_000} */
  readonly connectMs?: number;
  /** How far before the last status a fill begins, for statuses that arrive late. @default {60_000} */
  readonly overlapMs?: number;
  /** Statuses fetched for one gap at most. @default {20_000} */
  readonly maxFill?: number;
  /** How long a subscription may take to take effect: it is not acknowledged. @default {2000} */
  readonly settleMs?: number;
  readonly page?: typeof timelinePage;
  readonly health?: typeof streamingHealth;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** An interruption that has not been dealt with. */
interface Interruption {
  /** The newest status known at its end of the stream; null if there was none yet. */
  readonly fromId: string | null;
  readonly fromMs: number | null;
  readonly reason: string;
  /** Where its fill begins. */
  readonly startId: string;
  /** What the stream brings after it, until it is dealt with. */
  readonly held: Held;
}

/** One connection of the stream. */
interface Connection {
  readonly openedMs: number;
  /** When it first brought something, which shows that the subscription is in effect. */
  heardMs: number | null;
  isOpen: boolean;
}

/** Entries in the outbox above which a fill waits. */
const BUSY = 5000;
/** How far ahead of the clock an id may be: one from 2100 would end all filling, in ms. */
const MAX_AHEAD_MS = 300_000;

/**
 * Follows a stream until the signal aborts.
 *
 * @throws {TokenRefusedError} if the server does not know the token
 */
export async function followSource(options: FollowerOptions): Promise<void> {
  await new Follower(options).run();
}

class Follower {
  readonly #options: FollowerOptions;
  readonly #clock: Clock;
  readonly #stream: string;
  readonly #source: SourceId;
  readonly #intake: Intake;
  /** All statuses up to this one have been taken; null before the first. */
  #solidId: string | null;
  /** What is to be filled next, as soon as there is a connection and the fill under way has ended. */
  #interruption: Interruption | null = null;
  /** What is being filled. That goes on whatever becomes of the connection it began with. */
  #filling: Interruption | null = null;
  /** The fills so far, one after the other. */
  #fills: Promise<void> = Promise.resolve();
  readonly #stop = new AbortController();
  #connection: Connection = { openedMs: 0, heardMs: null, isOpen: false };

  constructor(options: FollowerOptions) {
    const { clock = systemClock, server: { instance }, stream, books } = options;
    this.#options = options;
    this.#clock = clock;
    this.#stream = streamLabel(stream);
    this.#source = { instance, stream: this.#stream };
    this.#intake = options.intake((entry) => this.#push(entry));
    const position = books.position(this.#source);
    this.#solidId = position?.lastId ?? null;
    if (position !== null) {
      this.#interrupted({
        fromId: position.lastId,
        fromMs: position.seenMs,
        reason: "Ingest was not running",
        silentMs: 0,
      });
    }
  }

  async run(): Promise<void> {
    const { server, token, stream, signal, outbox, stallMs, connectMs, follow, random, health } =
      this.#options;
    try {
      await supervise({
        server,
        token,
        stream,
        signal,
        gate: outbox.gate,
        clock: this.#clock,
        onFrame: (frame) => this.#frame(frame),
        onOpen: () => this.#opened(),
        onEnd: (end, retryInMs) => this.#ended(end, retryInMs),
        ...(stallMs !== undefined && { stallMs }),
        ...(connectMs !== undefined && { connectMs }),
        ...(follow && { follow }),
        ...(health && { health }),
        ...(random && { random }),
      });
    } finally {
      this.#stop.abort();
      await this.#fills;
      // Not marked: the next start fills up to here again, and recognises these.
      for (const interruption of [this.#filling, this.#interruption]) {
        if (interruption !== null) this.#release(interruption.held, { marked: false });
      }
    }
  }

  #opened(): void {
    const { say, server } = this.#options;
    this.#intake.counts.connects++;
    this.#connection = { openedMs: this.#clock.now(), heardMs: null, isOpen: true };
    say("info", `Connected to ${server.instance}: ${this.#stream}`);
    this.#tellWhetherCaughtUp();
    if (this.#interruption !== null) this.#fills = this.#fills.then(() => this.#fill());
  }

  #ended(end: StreamEnd, retryInMs: number): void {
    this.#connection.isOpen = false;
    this.#tellWhetherCaughtUp();
    const detail = this.#quoted(end.detail);
    this.#options.say(
      "warn",
      `${this.#options.server.instance}: ${detail}: connecting again in ` +
        `${(retryInMs / 1000).toFixed(1)} s`,
    );
    // One that has not been filled is still open.
    if (!end.opened || this.#interruption !== null) return;
    const { openedMs } = this.#connection;
    const heardMs = this.#intake.counts.lastFrameMs ?? openedMs;
    this.#interrupted({
      fromId: laterId(this.#solidId, this.#filling?.held.newestId ?? null),
      fromMs: heardMs,
      reason: detail,
      silentMs: Math.max(0, this.#clock.now() - Math.max(heardMs, openedMs)),
    });
  }

  /**
   * The stream has ended. A status that is missing may be older than the newest known by as much as
   * statuses come late, and by the time for which the stream may have been gone unnoticed: meanwhile
   * a fill may have brought newer ones.
   */
  #interrupted(
    { silentMs, ...known }: Omit<Interruption, "startId" | "held"> & { silentMs: number },
  ): void {
    const { overlapMs = 60_000 } = this.#options;
    const startId = known.fromId === null ? "0" : overlapId(known.fromId, overlapMs + silentMs);
    this.#interruption = { ...known, startId, held: new Held(startId) };
  }

  #frame(frame: string | Uint8Array): void {
    const seenMs = this.#clock.now();
    this.#connection.heardMs ??= seenMs;
    const { id } = this.#intake.frame(frame, (id) => this.#durable(id, seenMs));
    if (id === null || this.#isAhead(id)) return;
    const held = this.#held;
    if (held === null) this.#solidId = laterId(this.#solidId, id);
    else held.saw(id);
  }

  /** Where the live stream is kept; null if it goes on at once. */
  get #held(): Held | null {
    return (this.#interruption ?? this.#filling)?.held ?? null;
  }

  /** Where the intake's entries go. */
  #push(entry: Entry): void {
    const { outbox } = this.#options;
    const held = this.#isFromTimeline ? null : this.#held;
    if (held === null) return outbox.push(entry);
    for (const one of held.push(entry)) outbox.push(one);
  }

  /** Whether the entry in hand comes from the timeline. */
  #isFromTimeline = false;

  async #fill(): Promise<void> {
    const interruption = this.#interruption;
    const connection = this.#connection;
    const { server, token, stream, random, page, signal: given } = this.#options;
    const signal = AbortSignal.any([given, this.#stop.signal]);
    // Without a connection what the timeline does not show yet would be missed: the next one asks.
    if (interruption === null || signal.aborted || !connection.isOpen) return;
    const { maxFill = 20_000, settleMs = 2000 } = this.#options;
    this.#interruption = null;
    this.#filling = interruption;
    // What is published before the subscription is in effect is missed as well.
    const toMs = () => connection.heardMs ?? connection.openedMs + settleMs;
    if (interruption.fromId === null) {
      const result = { fetched: 0, filled: 0, outcome: "no_position", detail: "" } as const;
      return this.#settled(interruption, { ...result, toMs: toMs() });
    }
    let filled = 0;
    const { seenMs } = this.#options.books.position(this.#source) ??
      { seenMs: connection.openedMs };
    const result = await backfill({
      server,
      token,
      stream,
      minId: interruption.startId,
      maxStatuses: maxFill,
      notBefore: this.#clock.now() + settleMs,
      onPage: async (statuses) => {
        this.#isFromTimeline = true;
        try {
          for (const { id, payload } of statuses) {
            // The stream itself was not heard any later than it was.
            const onDurable = this.#mayMark(id, interruption)
              ? () => this.#durable(id, seenMs)
              : undefined;
            filled += this.#intake.status(payload, onDurable).records;
            if (!this.#isAhead(id)) this.#solidId = laterId(this.#solidId, id);
          }
        } finally {
          this.#isFromTimeline = false;
        }
        await this.#room(signal);
      },
      signal,
      clock: this.#clock,
      ...(page && { page }),
      ...(random && { random }),
    });
    const { outcome, fetched } = result;
    if (outcome === "stopped") return;
    const detail = this.#quoted(result.detail);
    this.#settled(interruption, { fetched, filled, outcome, detail, toMs: toMs() });
  }

  /**
   * Whether a position may move to a status that a fill has brought: not beyond what is held, nor
   * beyond where the next fill is to begin.
   */
  #mayMark(id: string, { held: { floorId } }: Interruption): boolean {
    if (floorId !== null && compareIds(id, floorId) >= 0) return false;
    const nextId = this.#interruption?.fromId ?? null;
    return nextId === null || compareIds(id, nextId) <= 0;
  }

  /** The gap is dealt with: filled, or known to stay open. */
  #settled(
    { fromId, fromMs, reason, held }: Interruption,
    result: {
      fetched: number;
      filled: number;
      outcome: BackfillResult["outcome"] | "no_position";
      detail: string;
      toMs: number;
    },
  ): void {
    const { books, say, server: { instance } } = this.#options;
    const { counts } = this.#intake;
    const isOpen = result.outcome !== "filled";
    books.gap({
      instance,
      stream: this.#stream,
      fromId,
      toId: isOpen ? held.newestId : this.#solidId,
      fromMs,
      reason,
      ...result,
      isOpen,
    });
    if (isOpen) counts.gapsOpen++;
    else counts.gapsFilled++;
    if (isOpen) say("warn", `${instance}: ${openGapLine(result)}`);
    else say("info", `${instance}: filled a gap with ${result.filled} of ${result.fetched} toots`);
    this.#filling = null;
    this.#solidId = laterId(this.#solidId, held.newestId);
    this.#release(held, { marked: true });
    this.#tellWhetherCaughtUp();
  }

  /** Lets go on what waited for a fill. */
  #release(held: Held, { marked }: { marked: boolean }): void {
    const { outbox, server: { instance } } = this.#options;
    for (const entry of held.take({ marked })) outbox.push(entry);
    const { newestId } = held;
    if (!marked || !held.overflowed || newestId === null) return;
    const seenMs = this.#clock.now();
    const onDurable = () => this.#durable(newestId, seenMs);
    outbox.push({ topic: instance, record: null, onDurable });
  }

  /** What comes from outside may hold the token, and is stored with the gap. */
  #quoted(text: string): string {
    const { token } = this.#options;
    return quoted(text, { secrets: token === null ? [] : [token] });
  }

  #tellWhetherCaughtUp(): void {
    this.#intake.counts.caughtUp = this.#connection.isOpen && this.#interruption === null &&
      this.#filling === null;
  }

  #durable(id: string, seenMs: number): void {
    const { books, server: { baseUrl } } = this.#options;
    const lastId = this.#isAhead(id) ? null : id;
    books.advance({ ...this.#source, baseUrl, lastId, seenMs });
  }

  #isAhead(id: string): boolean {
    return (idTimeMs(id) ?? 0) > this.#clock.now() + MAX_AHEAD_MS;
  }

  /** Waits until the outbox has caught up. */
  async #room(signal: AbortSignal): Promise<void> {
    const { outbox } = this.#options;
    while (!signal.aborted && (outbox.pending > BUSY || outbox.gate.reason !== null)) {
      await this.#clock.sleep(50, signal);
    }
  }
}

function openGapLine({ outcome, detail, fetched }: {
  outcome: string;
  detail: string;
  fetched: number;
}): string {
  switch (outcome) {
    case "closed":
      return `the public timeline is closed (${detail}), so what was missed cannot be fetched: ` +
        "the gap is recorded";
    case "no_position":
      return "the stream was interrupted before its first toot: the gap is recorded";
    default:
      return `a gap stays open after ${fetched} toots (${detail}): it is recorded`;
  }
}
