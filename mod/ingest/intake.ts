/**
 * What comes from a server → entries for the log: parses, normalizes, merges and counts.
 *
 * @module
 */
import { deadLetterRecord } from "../log/dead_letter.ts";
import { parseFrame } from "../mastodon/frame.ts";
import { normalizeFrame, type NormalizeRules, type Outcome } from "../mastodon/normalize.ts";
import { encodeEvent, WIRE_VERSION, type WireEvent } from "../mastodon/wire.ts";
import { bump, type IngestCounts, newIngestCounts } from "./ingest_counts.ts";
import type { Merger } from "./merger.ts";
import type { Entry } from "./outbox.ts";

/** What an intake works with. */
export interface IntakeOptions {
  readonly topic: string;
  readonly errorTopic: string;
  readonly rules: NormalizeRules;
  /** Null: everything goes to the log, as often as it comes. */
  readonly merger: Merger | null;
  /** Where entries go. */
  readonly push: (entry: Entry) => void;
  /** Hears of errors that the server sends in band. */
  readonly onServerError?: (error: { message: string; status: number | null }) => void;
  readonly counts?: IngestCounts;
  /** The clock that dates dead letters. @default {Date.now} */
  readonly now?: () => number;
}

/** Hears when a status, and all that came before it, is in the log or on disk. */
export type OnDurable = (id: string) => void;

/** What became of one frame or status. */
export interface Taken {
  /** Id of the status that it brought; null if it brought none. */
  readonly id: string | null;
  /** Records on their way to the log. */
  readonly records: number;
}

/** One for each server. */
export class Intake {
  readonly counts: IngestCounts;
  readonly #options: IntakeOptions;
  readonly #now: () => number;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.counts = options.counts ?? newIngestCounts();
    this.#now = options.now ?? Date.now;
  }

  /** Takes a frame of a stream. */
  frame(data: string | Uint8Array, onDurable?: OnDurable): Taken {
    this.counts.frames++;
    const frame = parseFrame(data);
    // An error says nothing of whether the stream still flows.
    if (frame.kind !== "error") this.counts.lastFrameMs = this.#now();
    switch (frame.kind) {
      case "event": {
        const outcome = normalizeFrame(frame, this.#options.rules);
        return this.#settle(outcome, { payload: data, onDurable });
      }
      case "malformed":
        return this.#settle({ kind: "refuse", reason: frame.reason }, { payload: data, onDurable });
      case "error":
        this.counts.serverErrors++;
        this.#options.onServerError?.(frame);
        return { id: null, records: 0 };
    }
  }

  /** Takes a status of a timeline, as JSON. */
  status(payload: string, onDurable?: OnDurable): Taken {
    this.counts.backfilled++;
    const outcome = normalizeFrame({ event: "update", payload }, this.#options.rules);
    return this.#settle(outcome, { payload, onDurable });
  }

  #settle(
    outcome: Outcome,
    { payload, onDurable }: { payload: string | Uint8Array; onDurable: OnDurable | undefined },
  ): Taken {
    switch (outcome.kind) {
      case "refuse":
        return this.#refuse(outcome.reason, payload);
      case "skip": {
        bump(this.counts.skipped, outcome.reason);
        if (outcome.reason !== "opted_out") return { id: null, records: 0 };
        return { id: outcome.id, records: this.#optOut(outcome) };
      }
      case "event":
        return this.#event(outcome.event, onDurable);
    }
  }

  #event(event: WireEvent, onDurable: OnDurable | undefined): Taken {
    const { topic, merger } = this.#options;
    const id = "toot" in event ? event.id : null;
    if ("toot" in event) {
      const createdMs = Date.parse(event.toot.created_at);
      // A clock that is days ahead says nothing about how far behind ingest is.
      if (createdMs <= this.#now()) {
        this.counts.newestEventMs = Math.max(this.counts.newestEventMs ?? 0, createdMs);
      }
    }
    const mark = id === null || onDurable === undefined ? undefined : () => onDurable(id);
    const merged = merger?.take(event) ?? { kind: "keep", events: [event] };
    if (merged.kind === "drop") {
      bump(this.counts.skipped, merged.reason);
      // Others may still be on their way before it.
      if (mark !== undefined) this.#options.push({ topic, record: null, onDurable: mark });
      return { id, records: 0 };
    }
    merged.events.forEach((one, i) => {
      bump(this.counts.events, one.type);
      this.#options.push({
        topic,
        record: { key: one.id, value: encodeEvent(one) },
        onDurable: i === merged.events.length - 1 ? mark : undefined,
      });
    });
    return { id, records: merged.events.length };
  }

  /** The first word of an author's opt-out goes to the log: what is stored must go. */
  #optOut({ id, accountId, atMs }: { id: string; accountId: string; atMs: number }): number {
    const { topic, merger, rules: { instance } } = this.#options;
    if (merger === null || !merger.optOut({ accountId, instance, atMs })) return 0;
    const event: WireEvent = {
      v: WIRE_VERSION,
      type: "opt_out",
      instance,
      id,
      account_id: accountId,
    };
    bump(this.counts.events, event.type);
    this.#options.push({ topic, record: { key: accountId, value: encodeEvent(event) } });
    return 1;
  }

  #refuse(reason: string, payload: string | Uint8Array): Taken {
    const { errorTopic, merger, rules: { instance } } = this.#options;
    const id = merger === null ? null : statusIdOf(payload);
    if (id !== null && merger?.refuse({ instance, id }) === false) {
      bump(this.counts.skipped, "duplicate");
      return { id: null, records: 0 };
    }
    bump(this.counts.refused, reason);
    const record = deadLetterRecord({
      stage: "ingest",
      reason,
      payload,
      key: null,
      instance,
      firstSeenMs: this.#now(),
    });
    this.#options.push({ topic: errorTopic, record });
    return { id: null, records: 1 };
  }
}

/** The id of a status in a payload or frame that cannot be used, if it begins as Mastodon's do. */
function statusIdOf(payload: string | Uint8Array): string | null {
  if (typeof payload !== "string") return null;
  return /\{\\?"id\\?":\\?"(\d{1,19})\\?"/.exec(payload.slice(0, 300))?.[1] ?? null;
}
