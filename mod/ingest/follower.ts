/**
 * One stream of one server, followed without silent gaps: after every interruption what was missed
 * is fetched from the timeline, and only then does the live stream go on into the log, so that the
 * log stays nearly in the order of time.
 *
 * @module
 */
import { compareIds, idTimeMs, overlapId } from "../mastodon/status_id.ts";
import type { ServerInfo } from "../mastodon/server.ts";
import type { Follow, StreamEnd } from "../mastodon/stream_end.ts";
import { streamLabel, type StreamName } from "../mastodon/stream_name.ts";
import { backfill, type BackfillResult } from "./backfill.ts";
import type { Bookkeeper } from "./bookkeeper.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { SourceId } from "./ingest_store.ts";
import type { Intake } from "./intake.ts";
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
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** An interruption that has not been dealt with. */
interface Interruption {
  readonly fromId: string | null;
  readonly fromMs: number | null;
  readonly reason: string;
}

/** Entries of the live stream that wait for a fill to end, at most. */
const MAX_HELD = 10_000;
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
  /** The largest id that the live stream has brought on this connection. */
  #liveId: string | null = null;
  #interruption: Interruption | null = null;
  /** What the live stream brings while a fill is under way; null while there is none. */
  #held: Entry[] | null = null;
  /** Where the fill under way began. */
  #fillFromId = "0";
  /** The least id beyond that which is held: a position beyond it would promise too much. */
  #heldFloor: string | null = null;
  /** Whether some of it had to go ahead of the fill. */
  #overflowed = false;
  #filling: Promise<void> = Promise.resolve();
  #connection = new AbortController();
  #openedMs = 0;

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
      this.#interruption = {
        fromId: position.lastId,
        fromMs: position.seenMs,
        reason: "Ingest was not running",
      };
    }
  }

  async run(): Promise<void> {
    const { server, token, stream, signal, outbox, stallMs, connectMs, follow, random } =
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
        ...(random && { random }),
      });
    } finally {
      this.#connection.abort();
      await this.#filling;
      // Not marked: the next start fills up to here again, and recognises these.
      this.#release({ marked: false });
    }
  }

  #opened(): void {
    const { say, server, signal } = this.#options;
    this.#intake.counts.connects++;
    this.#connection = new AbortController();
    this.#openedMs = this.#clock.now();
    this.#liveId = null;
    say("info", `Connected to ${server.instance}: ${this.#stream}`);
    this.#intake.counts.caughtUp = this.#interruption === null;
    if (this.#interruption === null) return;
    this.#held ??= [];
    const ends = AbortSignal.any([signal, this.#connection.signal]);
    this.#filling = this.#filling.then(() => this.#fill(ends));
  }

  #ended(end: StreamEnd, retryInMs: number): void {
    this.#connection.abort();
    this.#intake.counts.caughtUp = false;
    this.#options.say(
      "warn",
      `${this.#options.server.instance}: ${end.detail}: connecting again in ` +
        `${(retryInMs / 1000).toFixed(1)} s`,
    );
    if (!end.opened) return;
    this.#interruption ??= {
      fromId: this.#solidId,
      fromMs: this.#intake.counts.lastFrameMs ?? this.#openedMs,
      reason: end.detail,
    };
  }

  #frame(frame: string | Uint8Array): void {
    const seenMs = this.#clock.now();
    const { id } = this.#intake.frame(frame, (id) => this.#durable(id, seenMs));
    if (id === null || this.#isAhead(id)) return;
    this.#liveId = later(this.#liveId, id);
    if (this.#held === null) this.#solidId = later(this.#solidId, id);
    else if (compareIds(id, this.#fillFromId) > 0) this.#heldFloor = earlier(this.#heldFloor, id);
  }

  /** Where the intake's entries of the live stream go. */
  #push(entry: Entry): void {
    const { outbox } = this.#options;
    if (this.#held === null || this.#isFilling) return outbox.push(entry);
    this.#held.push(entry);
    if (this.#held.length < MAX_HELD) return;
    this.#overflowed = true;
    for (const held of this.#held) outbox.push({ ...held, onDurable: undefined });
    this.#held = [];
  }

  /** Whether the entry in hand comes from the timeline. */
  #isFilling = false;

  async #fill(signal: AbortSignal): Promise<void> {
    const interruption = this.#interruption;
    if (interruption === null || signal.aborted) return;
    const { maxFill = 20_000, overlapMs = 60_000, settleMs = 2000 } = this.#options;
    const { server, token, stream, random } = this.#options;
    if (this.#solidId === null) {
      this.#settled(interruption, { fetched: 0, filled: 0, outcome: "no_position", detail: "" });
      return;
    }
    let filled = 0;
    let target: string | null = null;
    const { seenMs } = this.#options.books.position(this.#source) ?? { seenMs: this.#openedMs };
    const notBefore = this.#clock.now() + settleMs;
    this.#fillFromId = overlapId(this.#solidId, overlapMs);
    const result = await backfill({
      server,
      token,
      stream,
      minId: this.#fillFromId,
      maxStatuses: maxFill,
      notBefore,
      reachedLive: () => this.#clock.now() < notBefore ? null : target ??= this.#liveId,
      onPage: async (statuses) => {
        this.#isFilling = true;
        try {
          for (const { id, payload } of statuses) {
            const isSafe = this.#heldFloor === null || compareIds(id, this.#heldFloor) < 0;
            // The stream itself was not heard any later than it was.
            const onDurable = isSafe ? () => this.#durable(id, seenMs) : undefined;
            filled += this.#intake.status(payload, onDurable).records;
            if (!this.#isAhead(id)) this.#solidId = later(this.#solidId, id);
          }
        } finally {
          this.#isFilling = false;
        }
        await this.#room(signal);
      },
      signal,
      clock: this.#clock,
      ...(random && { random }),
    });
    if (result.outcome !== "stopped") {
      const { outcome, fetched } = result;
      this.#settled(interruption, { fetched, filled, outcome, detail: result.detail });
    }
  }

  /** The gap is dealt with: filled, or known to stay open. */
  #settled(
    { fromId, fromMs, reason }: Interruption,
    result: {
      fetched: number;
      filled: number;
      outcome: BackfillResult["outcome"] | "no_position";
      detail: string;
    },
  ): void {
    const { books, say, server: { instance } } = this.#options;
    const { counts } = this.#intake;
    const isOpen = result.outcome !== "filled";
    this.#interruption = null;
    books.gap({
      instance,
      stream: this.#stream,
      fromId,
      toId: isOpen ? this.#liveId : this.#solidId,
      fromMs,
      toMs: this.#openedMs,
      reason,
      ...result,
      isOpen,
    });
    if (isOpen) counts.gapsOpen++;
    else counts.gapsFilled++;
    if (isOpen) say("warn", `${instance}: ${openGapLine(result)}`);
    else say("info", `${instance}: filled a gap with ${result.filled} of ${result.fetched} toots`);
    this.#solidId = later(this.#solidId, this.#liveId);
    this.#release({ marked: true });
    counts.caughtUp = !this.#connection.signal.aborted;
  }

  /** Lets go on what waited for the fill. */
  #release({ marked }: { marked: boolean }): void {
    const { outbox, server: { instance } } = this.#options;
    const held = this.#held ?? [];
    this.#held = null;
    for (const entry of held) outbox.push(marked ? entry : { ...entry, onDurable: undefined });
    const liveId = this.#liveId;
    if (marked && this.#overflowed && liveId !== null) {
      const seenMs = this.#clock.now();
      const onDurable = () => this.#durable(liveId, seenMs);
      outbox.push({ topic: instance, record: null, onDurable });
    }
    this.#overflowed = false;
    this.#heldFloor = null;
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

function earlier(a: string | null, b: string): string {
  return a !== null && compareIds(a, b) <= 0 ? a : b;
}

function later(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return compareIds(a, b) >= 0 ? a : b;
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
