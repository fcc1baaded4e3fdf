/**
 * Frames → records: normalizes what comes through the socket and appends it to the log in order, in
 * batches.
 *
 * @module
 */
import type { EventLog, NewRecord } from "../log/event_log.ts";
import { deadLetterRecord } from "../log/dead_letter.ts";
import { parseFrame } from "../mastodon/frame.ts";
import { normalizeFrame, type NormalizeRules, type Outcome } from "../mastodon/normalize.ts";
import { encodeEvent } from "../mastodon/wire.ts";
import { bump, type IngestCounts, newIngestCounts } from "./ingest_counts.ts";

/** What an ingestor works with. */
export interface IngestorOptions {
  readonly log: EventLog;
  readonly topic: string;
  readonly errorTopic: string;
  readonly rules: NormalizeRules;
  /** Hears of appends that failed; each is tried again until it succeeds. */
  readonly onAppendError?: (error: unknown) => void;
  /** Hears of appends that succeeded. */
  readonly onAppended?: () => void;
  /** Hears of errors that the server sends in band. */
  readonly onServerError?: (error: { message: string; status: number | null }) => void;
  /** Frames taken together to the log. @default {500} */
  readonly maxBatch?: number;
  /** The clock that dates dead letters. @default {Date.now} */
  readonly now?: () => number;
}

/** First and longest wait before an append is tried again, in ms. */
const RETRY_MS = { first: 100, longest: 10_000 };

/** Takes frames off a socket at once and brings them to the log in the background. */
export class Ingestor {
  readonly counts: IngestCounts = newIngestCounts();
  readonly #options: IngestorOptions;
  readonly #now: () => number;
  #queue: (string | Uint8Array)[] = [];
  #working: Promise<void> | null = null;
  #stopped = false;

  constructor(options: IngestorOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Frames that are not in the log yet. */
  get pending(): number {
    return this.#queue.length;
  }

  /** Takes a frame; returns at once. */
  push(frame: string | Uint8Array): void {
    this.counts.frames++;
    this.#queue.push(frame);
    this.#working ??= this.#work();
  }

  /** Resolves when everything pushed so far is in the log. */
  async flush(): Promise<void> {
    while (this.#working !== null) await this.#working;
  }

  /** Gives up on appends that do not succeed; what is pending stays out of the log. */
  stop(): void {
    this.#stopped = true;
  }

  async #work(): Promise<void> {
    // Frames that arrive together are appended together.
    await Promise.resolve();
    const { maxBatch = 500 } = this.#options;
    while (this.#queue.length > 0 && !this.#stopped) {
      const frames = this.#queue.slice(0, maxBatch);
      const { records, errors } = this.#convert(frames);
      await this.#append(this.#options.topic, records);
      await this.#append(this.#options.errorTopic, errors);
      this.#queue = this.#queue.slice(frames.length);
    }
    this.#working = null;
  }

  #convert(
    frames: readonly (string | Uint8Array)[],
  ): { records: NewRecord[]; errors: NewRecord[] } {
    const records: NewRecord[] = [];
    const errors: NewRecord[] = [];
    for (const frame of frames) {
      const outcome = this.#outcome(frame);
      if (outcome === null) continue;
      if (outcome.kind === "event") {
        bump(this.counts.events, outcome.event.type);
        records.push({ key: outcome.event.id, value: encodeEvent(outcome.event) });
      } else if (outcome.kind === "skip") {
        bump(this.counts.skipped, outcome.reason);
      } else {
        bump(this.counts.refused, outcome.reason);
        errors.push(deadLetterRecord({
          stage: "ingest",
          reason: outcome.reason,
          payload: frame,
          key: null,
          instance: this.#options.rules.instance,
          firstSeenMs: this.#now(),
        }));
      }
    }
    return { records, errors };
  }

  #outcome(data: string | Uint8Array): Outcome | null {
    const frame = parseFrame(data);
    switch (frame.kind) {
      case "event":
        return normalizeFrame(frame, this.#options.rules);
      case "malformed":
        return { kind: "refuse", reason: frame.reason };
      case "error":
        this.counts.serverErrors++;
        this.#options.onServerError?.(frame);
        return null;
    }
  }

  async #append(topic: string, records: readonly NewRecord[]): Promise<void> {
    if (records.length === 0) return;
    for (let wait = RETRY_MS.first; !this.#stopped; wait = Math.min(wait * 2, RETRY_MS.longest)) {
      try {
        await this.#options.log.append(topic, records);
        this.#options.onAppended?.();
        return;
      } catch (error) {
        this.#options.onAppendError?.(error);
        await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random() / 2)));
      }
    }
  }
}
