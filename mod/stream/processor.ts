/**
 * One batch → one transaction: rows, windows, predictions, position and watermark land together or
 * not at all, which makes the log's at-least-once exactly-once in effect.
 *
 * @module
 */
import type { Database, Sql } from "../db/database.ts";
import { isRetryable } from "../db/retryable.ts";
import { deadLetterRecord } from "../log/dead_letter.ts";
import type { LogRecord, NewRecord, RecordBatch } from "../log/event_log.ts";
import { decodeRecords, type LoggedEvent, type Refused } from "./decode.ts";
import { readFinalUntil } from "./finality.ts";
import { applyOptOuts } from "./opt_out.ts";
import { PLAN_BY_INDEX } from "./_plan_by_index.ts";
import { readPrior } from "./prior_store.ts";
import { advancePosition, initPositions, lockPosition, readPositions } from "./progress_store.ts";
import { type BatchChanges, type EventCounts, noEvents, reduceBatch } from "./reduce.ts";
import type { Score } from "./toot_state.ts";
import type { TootScorer } from "./toot_scorer.ts";
import { writeToots } from "./toot_store.ts";
import { PartitionClock } from "./window.ts";
import { addDeltas } from "./window_store.ts";

/** What a processor works with. */
export interface ProcessorOptions {
  readonly db: Database;
  readonly group: string;
  readonly topic: string;
  readonly windowMs: number;
  readonly graceMs: number;
  /** Null: nothing is scored; `deno task predict` can do it later. */
  readonly scorer: TootScorer | null;
  /** Appends to the error topic; must be durable when it resolves. */
  readonly appendErrors: (records: readonly NewRecord[]) => Promise<void>;
}

/** Event times of a batch, in ms. */
export interface EventTimes {
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly count: number;
}

/** What became of a batch. */
export interface BatchReport {
  readonly partition: number;
  readonly startOffset: number;
  readonly nextOffset: number;
  readonly records: number;
  readonly deadLetters: number;
  readonly counts: EventCounts;
  /** Null if no event of the batch has a time of its own. */
  readonly eventTime: EventTimes | null;
  readonly watermarkMs: number;
  /** Rows written or removed. */
  readonly rowsChanged: number;
  /** Where the time went. */
  readonly durationMs: { readonly decode: number; readonly commit: number };
}

interface PartitionState {
  nextOffset: number;
  maxEventMs: number | null;
}

/** After toots that were not new, so many batches look first: repeats come in runs, as after a gap. */
const WARY_BATCHES = 50;

/** From so many events on it pays to send their texts to another thread. */
const MANY_TOOTS = 200;

/**
 * Of a frozen worker's transactions one may hold what the others wait for. The server ends the first
 * after idle_in_transaction_session_timeout; without this, the next would then be granted its lock
 * and hold it just as long, and so on.
 */
const LOCK_PATIENCE = "SET LOCAL lock_timeout = '5s'";

/** How often a batch that a concurrent transaction disturbed is tried. */
const MAX_ATTEMPTS = 8;

/** A batch cannot be reduced without looking at what is held. */
class UnsureError extends Error {
  override readonly name = "UnsureError";
}

/** Works through batches of the partitions that this worker holds. */
export class StreamProcessor {
  readonly #options: ProcessorOptions;
  readonly #held = new Map<number, PartitionState>();
  /** Batches still to be processed without assuming that toots are new. */
  #wary = 0;

  constructor(options: ProcessorOptions) {
    this.#options = options;
  }

  /** Takes over partitions where the database says that they stand; gives the next offsets. */
  async positions(partitions: readonly number[]): Promise<Map<number, number>> {
    const { db, group, topic } = this.#options;
    await initPositions(db, { group, topic, partitions });
    const wanted = new Set(partitions);
    const found = (await readPositions(db, { group, topic }))
      .filter(({ partition }) => wanted.has(partition));
    for (const { partition, nextOffset, maxEventMs } of found) {
      this.#held.set(partition, { nextOffset, maxEventMs });
    }
    return new Map(found.map(({ partition, nextOffset }) => [partition, nextOffset]));
  }

  /** Forgets partitions that went to another worker. */
  release(partitions: readonly number[]): void {
    for (const partition of partitions) this.#held.delete(partition);
  }

  /** The offset that this worker expects next; null if it does not hold the partition. */
  nextOffset(partition: number): number | null {
    return this.#held.get(partition)?.nextOffset ?? null;
  }

  /**
   * Processes a batch; records below the stored position are passed over. Null: nothing was left.
   *
   * @throws {FencedError} if another worker has moved the position
   */
  async process(batch: RecordBatch): Promise<BatchReport | null> {
    const state = this.#held.get(batch.partition);
    if (state === undefined) return null;
    const records = batch.records.filter((record) => record.offset >= state.nextOffset);
    const last = records.at(-1);
    if (last === undefined) return null;
    const started = performance.now();
    const { events, refused } = decodeRecords(records);
    const decoded = performance.now();
    // Before the transaction: a crash in between repeats a dead letter, and never loses one.
    if (refused.length > 0) await this.#bury(refused, batch.partition);
    const nextOffset = last.offset + 1;
    const score = await this.#scoring(events);
    const work = { events, refused, state, nextOffset, batch, score };
    const { changes, clock } = await this.#commit(work);
    state.nextOffset = nextOffset;
    state.maxEventMs = clock.maxEventTime;
    return {
      partition: batch.partition,
      startOffset: records[0]?.offset ?? nextOffset,
      nextOffset,
      records: records.length,
      deadLetters: refused.length,
      counts: changes?.counts ?? noEvents(),
      eventTime: eventTimes(events),
      watermarkMs: clock.watermark,
      rowsChanged: changes === null ? 0 : rowsChanged(changes),
      durationMs: { decode: decoded - started, commit: performance.now() - decoded },
    };
  }

  async #commit(work: BatchWork): Promise<Committed> {
    for (let attempt = 1;; attempt++) {
      const assumeNew = attempt === 1 && this.#wary === 0;
      if (this.#wary > 0) this.#wary--;
      try {
        return await this.#options.db.transaction((tx) => this.#write(tx, { ...work, assumeNew }));
      } catch (error) {
        const unsure = error instanceof UnsureError;
        if (!(unsure || isRetryable(error)) || attempt >= MAX_ATTEMPTS) throw error;
        if (assumeNew) {
          this.#wary = WARY_BATCHES;
          continue;
        }
        // Random, so that two workers that met do not meet again.
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * 2 ** attempt));
      }
    }
  }

  async #write(
    tx: Sql,
    work: BatchWork & { assumeNew: boolean },
  ): Promise<Committed> {
    const { events, refused, state, nextOffset, batch, score, assumeNew } = work;
    const { group, topic, graceMs, windowMs, scorer } = this.#options;
    const { partition } = batch;
    const clock = new PartitionClock({ graceMs, maxEventTime: state.maxEventMs });
    await tx.script(`${PLAN_BY_INDEX}; ${LOCK_PATIENCE}`);
    await lockPosition(tx, { group, topic, partition, expected: state.nextOffset });
    let changes: BatchChanges | null = null;
    if (events.length > 0) {
      const judged = await applyOptOuts(tx, events);
      changes = reduceBatch(judged, {
        prior: await readPrior(tx, { events: judged.map(({ event }) => event), assumeNew }),
        clock,
        windowMs,
        finalUntilMs: await readFinalUntil(tx),
        score,
      });
      // What is taken for a copy is not inserted, so no unique key would tell that it was held.
      if (assumeNew && changes.counts.copies > 0) throw new UnsureError();
      const place = { topic, partition };
      await writeToots(tx, { changes, place, modelVersion: scorer?.version ?? null });
      await addDeltas(tx, changes.deltas);
    }
    await advancePosition(tx, {
      group,
      topic,
      partition,
      nextOffset,
      maxEventMs: clock.maxEventTime,
      graceMs,
      records: events.length + refused.length,
      deadLetters: refused.length,
      counts: changes?.counts ?? noEvents(),
    });
    return { changes, clock };
  }

  /** How this batch's toots are scored: one by one, or all of them at once beside this thread. */
  async #scoring(events: readonly LoggedEvent[]): Promise<Scoring> {
    const { scorer } = this.#options;
    if (scorer === null) return () => null;
    if (scorer.scoreMany === undefined || events.length < MANY_TOOTS) {
      return (text, lang) => scorer.score(text, lang);
    }
    const toots = events.flatMap(({ event }) => "toot" in event ? [event.toot] : []);
    const scores = await scorer.scoreMany(toots);
    // A language is any text, so it takes its length to tell where it ends.
    const keyOf = (text: string, lang: string) => `${lang.length} ${lang}${text}`;
    const known = new Map(toots.map(({ text, lang }, i) => [keyOf(text, lang), scores[i] ?? null]));
    return (text, lang) => known.get(keyOf(text, lang)) ?? null;
  }

  async #bury(refused: readonly Refused[], partition: number): Promise<void> {
    const { topic, appendErrors } = this.#options;
    await appendErrors(refused.map(({ record, reason }) =>
      deadLetterRecord({
        stage: "stream",
        reason,
        payload: record.value,
        key: record.key,
        source: { topic, partition, offset: record.offset },
        firstSeenMs: record.timestamp,
        attempt: attemptsOf(record) + 1,
      })
    ));
  }
}

type Scoring = (text: string, lang: string) => Score | null;

interface BatchWork {
  readonly events: readonly LoggedEvent[];
  readonly refused: readonly Refused[];
  readonly state: Readonly<PartitionState>;
  readonly nextOffset: number;
  readonly batch: RecordBatch;
  readonly score: Scoring;
}

interface Committed {
  readonly changes: BatchChanges | null;
  readonly clock: PartitionClock;
}

/** How often a record was a dead letter before; anybody may have written its headers. */
function attemptsOf({ headers }: LogRecord): number {
  return /^\d{1,6}$/.test(headers.attempt ?? "") ? Number(headers.attempt) : 0;
}

function eventTimes(events: readonly LoggedEvent[]): EventTimes | null {
  let [min, max, sum, count] = [Infinity, -Infinity, 0, 0];
  for (const { event } of events) {
    if (!("toot" in event)) continue;
    const time = Date.parse(event.toot.created_at);
    min = Math.min(min, time);
    max = Math.max(max, time);
    sum += time;
    count++;
  }
  return count === 0 ? null : { min, max, sum, count };
}

function rowsChanged({ inserts, updates, removals }: BatchChanges): number {
  return inserts.length + updates.length + removals.length;
}
