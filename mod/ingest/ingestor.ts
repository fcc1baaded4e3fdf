/**
 * Frames → records, for one server and one log: the plain way, without spool, position or merging.
 *
 * @module
 */
import type { EventLog } from "../log/event_log.ts";
import type { NormalizeRules } from "../mastodon/normalize.ts";
import type { IngestCounts } from "./ingest_counts.ts";
import { Intake } from "./intake.ts";
import { Outbox } from "./outbox.ts";

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

/** Takes frames off a socket at once and brings them to the log in the background. */
export class Ingestor {
  readonly #intake: Intake;
  readonly #outbox: Outbox;

  constructor(options: IngestorOptions) {
    const { log, topic, errorTopic, rules, onAppendError, onAppended, onServerError } = options;
    this.#outbox = new Outbox({
      log,
      ...(onAppendError && { onAppendError }),
      ...(onAppended && { onAppended: () => onAppended() }),
      ...(options.maxBatch !== undefined && { maxBatch: options.maxBatch }),
    });
    this.#intake = new Intake({
      topic,
      errorTopic,
      rules,
      merger: null,
      push: (entry) => this.#outbox.push(entry),
      ...(onServerError && { onServerError }),
      ...(options.now && { now: options.now }),
    });
  }

  get counts(): IngestCounts {
    return this.#intake.counts;
  }

  /** Frames that are not in the log yet. */
  get pending(): number {
    return this.#outbox.pending;
  }

  /** Takes a frame; returns at once. */
  push(frame: string | Uint8Array): void {
    this.#intake.frame(frame);
  }

  /** Resolves when everything pushed so far is in the log. */
  flush(): Promise<void> {
    return this.#outbox.flush();
  }

  /** Gives up on appends that do not succeed; what is pending stays out of the log. */
  stop(): void {
    void this.#outbox.stop();
  }
}
