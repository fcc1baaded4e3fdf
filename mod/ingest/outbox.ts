/**
 * Between the socket and the log: a bounded queue in memory, and a spool on disk for when the log
 * takes nothing. Records reach the log in the order in which they were pushed.
 *
 * @module
 */
import type { EventLog, NewRecord } from "../log/event_log.ts";
import { RecordTooLargeError } from "../log/log_errors.ts";
import { type Clock, systemClock } from "./clock.ts";
import { Gate } from "./gate.ts";
import { withoutTail } from "./log_tail.ts";
import type { Addressed, Spool } from "./spool.ts";

/** Something on its way to the log. */
export interface Entry {
  readonly topic: string;
  /** Null: only a mark that has its place in the order. */
  readonly record: NewRecord | null;
  /** Called once when this and all that was pushed before it is in the log or on disk. */
  readonly onDurable?: (() => void) | undefined;
}

/** How an outbox works. */
export interface OutboxOptions {
  readonly log: EventLog;
  /** Null: what the log does not take waits in memory alone. */
  readonly spool?: Spool | null;
  /** Hears of appends that failed; each is tried again until it succeeds. */
  readonly onAppendError?: (error: unknown) => void;
  /** Hears of appends that succeeded. */
  readonly onAppended?: (records: number) => void;
  /** What goes to the log in place of a record that is larger than its topic takes. */
  readonly insteadOf?: (refused: Addressed, error: RecordTooLargeError) => Addressed | null;
  /** Hears that the spool cannot be written. */
  readonly onSpoolError?: (error: unknown) => void;
  /** Records taken together to the log. @default {500} */
  readonly maxBatch?: number;
  /** Records that may wait in memory. @default {10_000} */
  readonly maxQueue?: number;
  /** Bytes that may wait in memory. @default {64 MiB} */
  readonly maxQueueBytes?: number;
  readonly clock?: Clock;
}

/** First and longest wait before an append is tried again, in ms. */
const RETRY_MS = { first: 100, longest: 10_000 };
/** A log that has taken nothing for so long counts as down: what waits goes to disk, in ms. */
const PATIENCE_MS = 2000;
/** How often what has come since goes to disk while the log is down, in ms. */
const SPILL_EVERY_MS = 500;

/** How long a spool that could not take more is left alone, in ms. */
const SPILL_AGAIN_MS = 5000;
/** How long a spool that could not be read, or not be told what is done with, is left alone, in ms. */
const SPOOL_RETRY_MS = 1000;
/** How long {@linkcode Outbox.stop} waits for an append under way, in ms. */
const STOP_MS = 5000;

/** Why an outbox closes its gate. */
const FULL = "The log takes nothing and there is no room left to keep events in";

/** See the module. While {@linkcode Outbox.gate} is closed nothing more should be pushed. */
export class Outbox {
  /** Closed while there is no room. */
  readonly gate: Gate = new Gate();
  readonly #options: OutboxOptions;
  readonly #spool: Spool | null;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  #queue: Entry[] = [];
  #queueBytes = 0;
  /** Taken off the queue and not in the log yet. */
  #held: readonly Entry[] = [];
  /** Whether what is held is on disk as well. */
  #heldIsSpooled = false;
  #working: Promise<void> | null = null;
  #spilling: Promise<void> | null = null;
  #spillNotBefore = -Infinity;
  /** Batches left by a process that was killed: the first of them may be in the log already. */
  #unsureBatches = 2;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#spool = options.spool ?? null;
    this.#clock = options.clock ?? systemClock;
    if (this.#spool?.isEmpty === false) this.#start();
  }

  /** Entries that are neither in the log nor on disk. */
  get pending(): number {
    return this.#queue.length + (this.#heldIsSpooled ? 0 : this.#held.length);
  }

  /** Bytes on disk that the log has not taken. */
  get spooledBytes(): number {
    return this.#spool?.bytes ?? 0;
  }

  /** Takes an entry; returns at once. */
  push(entry: Entry): void {
    this.#queue.push(entry);
    this.#queueBytes += sizeOf(entry);
    this.#start();
    if (this.#isCrowded) this.#spill();
  }

  /** Resolves when everything pushed so far is in the log. */
  async flush(): Promise<void> {
    while (this.#working !== null) await this.#working;
  }

  /** Puts on disk what the log has not taken, and ends. What the spool cannot take is lost. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#spilling;
    const patience = new AbortController();
    await Promise.race([this.#working, this.#clock.sleep(STOP_MS, patience.signal)]);
    patience.abort();
    this.#spillNotBefore = -Infinity;
    await this.#spillAll();
  }

  get #isCrowded(): boolean {
    const { maxQueue = 10_000, maxQueueBytes = 64 * 1024 * 1024 } = this.#options;
    return this.#queue.length >= maxQueue || this.#queueBytes >= maxQueueBytes;
  }

  #start(): void {
    if (this.#stop.signal.aborted) return;
    this.#working ??= this.#work();
  }

  async #work(): Promise<void> {
    // Entries that arrive together are appended together.
    await Promise.resolve();
    const { maxBatch = 500 } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      // What is on its way to the disk must not be taken off the queue as well. Looked at again, since
      // what is pushed while we wait may send more there.
      while (this.#spilling !== null) await this.#spilling;
      if (this.#spool?.isEmpty === false) {
        await this.#appendSpooled(this.#spool, maxBatch);
      } else if (this.#queue.length > 0) {
        await this.#appendQueued(maxBatch);
      } else {
        break;
      }
      this.#reopen();
    }
    this.#working = null;
  }

  async #appendSpooled(spool: Spool, maxBatch: number): Promise<void> {
    try {
      const batch = await spool.peek(maxBatch);
      if (!await this.#append(batch, { mayBeThere: this.#unsureBatches > 0 })) return;
      this.#unsureBatches--;
      await spool.drop(batch.length);
    } catch (error) {
      // A full disk must not keep the log from taking what would make room on it.
      this.#options.onSpoolError?.(error);
      await this.#clock.sleep(SPOOL_RETRY_MS, this.#stop.signal);
    }
  }

  async #appendQueued(maxBatch: number): Promise<void> {
    this.#held = this.#queue.slice(0, maxBatch);
    this.#heldIsSpooled = false;
    this.#queue = this.#queue.slice(this.#held.length);
    const batch = this.#held.flatMap(addressed);
    const appended = await this.#append(batch, { mayBeThere: false });
    while (this.#spilling !== null) await this.#spilling;
    const held = this.#held;
    const isSpooled = this.#heldIsSpooled;
    // Before anybody hears of it: what is pushed then may send what is held to the disk.
    this.#held = [];
    this.#heldIsSpooled = false;
    if (!appended && !isSpooled) {
      this.#queue = [...held, ...this.#queue];
      return;
    }
    this.#queueBytes -= sum(held);
    if (!isSpooled) {
      for (const { onDurable } of held) onDurable?.();
    } else if (appended) {
      await this.#spool?.drop(batch.length).catch((error) => this.#options.onSpoolError?.(error));
    }
  }

  /** True once all of it is in the log; false if it was given up because it is on disk. */
  async #append(
    batch: readonly Addressed[],
    { mayBeThere }: { mayBeThere: boolean },
  ): Promise<boolean> {
    const { signal } = this.#stop;
    const impatience = new AbortController();
    const spilling = this.#spillWhileWaiting(impatience.signal);
    let failedBefore = mayBeThere;
    try {
      for (const [topic, records] of byTopic(batch)) {
        for (let wait = RETRY_MS.first;; wait = Math.min(wait * 2, RETRY_MS.longest)) {
          if (signal.aborted) return false;
          try {
            const { log } = this.#options;
            const fresh = failedBefore ? await withoutTail(log, { topic, records }) : records;
            await this.#toLog(topic, fresh);
            this.#options.onAppended?.(fresh.length);
            break;
          } catch (error) {
            failedBefore = true;
            this.#options.onAppendError?.(error);
            await this.#clock.sleep(wait * (0.5 + Math.random() / 2), signal);
          }
        }
      }
      return true;
    } finally {
      impatience.abort();
      await spilling;
    }
  }

  async #toLog(topic: string, records: readonly NewRecord[]): Promise<void> {
    const { log, insteadOf = () => null } = this.#options;
    try {
      await log.append(topic, records);
    } catch (error) {
      if (!(error instanceof RecordTooLargeError)) throw error;
      if (records.length > 1) {
        // One of them is in the way of all the others.
        const half = records.length >> 1;
        await this.#toLog(topic, records.slice(0, half));
        await this.#toLog(topic, records.slice(half));
        return;
      }
      for (const record of records) {
        const other = insteadOf({ topic, record }, error);
        if (other !== null) await this.#toLog(other.topic, [other.record]);
      }
    }
  }

  /** While an append takes long, puts what waits on disk. */
  async #spillWhileWaiting(signal: AbortSignal): Promise<void> {
    if (this.#spool === null) return;
    await this.#clock.sleep(PATIENCE_MS, signal);
    while (!signal.aborted) {
      await this.#spill();
      await this.#clock.sleep(SPILL_EVERY_MS, signal);
    }
  }

  #spill(): Promise<void> {
    this.#spilling ??= this.#spillAll().finally(() => this.#spilling = null);
    return this.#spilling;
  }

  async #spillAll(): Promise<void> {
    if (this.#clock.now() < this.#spillNotBefore) return;
    const held = this.#heldIsSpooled ? [] : this.#held;
    // A copy: more is pushed while this is written.
    const queued = [...this.#queue];
    const taken = await this.#toDisk([...held, ...queued]);
    if (!taken) {
      this.#spillNotBefore = this.#clock.now() + SPILL_AGAIN_MS;
      if (this.#isCrowded) this.gate.close(FULL);
      return;
    }
    this.#heldIsSpooled = this.#held.length > 0;
    this.#queue = this.#queue.slice(queued.length);
    this.#queueBytes -= sum(queued);
    for (const { onDurable } of [...held, ...queued]) onDurable?.();
  }

  async #toDisk(entries: readonly Entry[]): Promise<boolean> {
    if (this.#spool === null) return entries.length === 0;
    try {
      return await this.#spool.append(entries.flatMap(addressed));
    } catch (error) {
      this.#options.onSpoolError?.(error);
      return false;
    }
  }

  #reopen(): void {
    const { maxQueue = 10_000 } = this.#options;
    const hasRoom = this.#queue.length <= maxQueue / 2 && !this.#isCrowded;
    if (this.gate.reason !== null && hasRoom && this.#spool?.isEmpty !== false) this.gate.open();
  }
}

function addressed({ topic, record }: Entry): Addressed[] {
  return record === null ? [] : [{ topic, record }];
}

function byTopic(batch: readonly Addressed[]): Map<string, NewRecord[]> {
  const topics = new Map<string, NewRecord[]>();
  for (const { topic, record } of batch) {
    const records = topics.get(topic);
    if (records === undefined) topics.set(topic, [record]);
    else records.push(record);
  }
  return topics;
}

/** About how much memory an entry takes beyond a fixed amount, in bytes. */
function sizeOf({ record }: Entry): number {
  return 100 + (record?.value.length ?? 0);
}

function sum(entries: readonly Entry[]): number {
  return entries.reduce((total, entry) => total + sizeOf(entry), 0);
}
