/**
 * The stream's processor: records of the partitions that a worker holds → dead letters and decoded
 * batches, which are committed in groups.
 *
 * @module
 */
import { deadLetterRecord } from "../log/dead_letter.ts";
import type { LogRecord, NewRecord, RecordBatch } from "../log/event_log.ts";
import type { Toot } from "../mastodon/wire.ts";
import {
  BatchWriter,
  type BatchWriterOptions,
  type DecodedBatch,
  type WrittenBatch,
} from "./batch_writer.ts";
import { decodeRecords, type LoggedEvent, type Refused } from "./decode.ts";
import type { EventCounts } from "./event_counts.ts";
import { GroupCommit } from "./group_commit.ts";
import { initPositions, readPositions } from "./progress_store.ts";
import type { Score } from "./toot_state.ts";

/** What a processor works with. */
export interface ProcessorOptions extends BatchWriterOptions {
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
  /** Rows written or removed; those of batches committed together are told with one of them. */
  readonly rowsChanged: number;
  /** Where the time went. */
  readonly durationMs: { readonly decode: number; readonly commit: number };
}

interface PartitionState {
  nextOffset: number;
  maxEventMs: number | null;
}

/** From so many events on it pays to send their texts to another thread. */
const MANY_TOOTS = 200;

/**
 * Transactions under way at the same time: while the database writes some, the next is prepared here.
 * With one of them a backlog of four partitions drains at two thirds of the rate; more than three
 * only wait for each other's windows.
 */
const LANES = 3;

/** Records in one transaction at most, where several batches are committed together. */
const MAX_GROUP = 6000;

/** Works through batches of the partitions that this worker holds. */
export class StreamProcessor {
  readonly #options: ProcessorOptions;
  readonly #held = new Map<number, PartitionState>();
  readonly #commits: GroupCommit<DecodedBatch, WrittenBatch>;

  constructor(options: ProcessorOptions) {
    this.#options = options;
    const writer = new BatchWriter(options);
    this.#commits = new GroupCommit({
      lanes: LANES,
      fits: (group, batch) => [...group, batch].reduce((sum, b) => sum + sizeOf(b), 0) <= MAX_GROUP,
      commit: (group) => writer.write(group),
    });
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
   * Batches of different partitions may be processed at the same time: they are committed together.
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
    const lettersKept = this.#bury(refused, batch.partition);
    // Whoever commits the batch hears of it; one that fails before does not ask.
    lettersKept.catch(() => {});
    const scores = await this.#scores(events);
    const nextOffset = last.offset + 1;
    const { counts, clock, rowsChanged } = await this.#commits.add({
      partition: batch.partition,
      offset: state.nextOffset,
      nextOffset,
      maxEventMs: state.maxEventMs,
      events,
      deadLetters: refused.length,
      lettersKept,
      scores,
    });
    state.nextOffset = nextOffset;
    state.maxEventMs = clock.maxEventTime;
    return {
      partition: batch.partition,
      startOffset: records[0]?.offset ?? nextOffset,
      nextOffset,
      records: records.length,
      deadLetters: refused.length,
      counts,
      eventTime: eventTimes(events),
      watermarkMs: clock.watermark,
      rowsChanged,
      durationMs: { decode: decoded - started, commit: performance.now() - decoded },
    };
  }

  /** The scores of many toots, made beside this thread; few are scored when they are written. */
  async #scores(events: readonly LoggedEvent[]): Promise<ReadonlyMap<Toot, Score | null>> {
    const { scorer } = this.#options;
    if (scorer?.scoreMany === undefined || events.length < MANY_TOOTS) return new Map();
    const toots = events.flatMap(({ event }) => "toot" in event ? [event.toot] : []);
    const scores = await scorer.scoreMany(toots);
    return new Map(toots.map((toot, i) => [toot, scores[i] ?? null]));
  }

  async #bury(refused: readonly Refused[], partition: number): Promise<void> {
    if (refused.length === 0) return;
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

function sizeOf({ events, deadLetters }: DecodedBatch): number {
  return events.length + deadLetters;
}

/** How often a record was a dead letter before; anybody may have written its headers. */
function attemptsOf({ headers }: LogRecord): number {
  return /^\d{1,6}$/.test(headers.attempt ?? "") ? Number(headers.attempt) : 0;
}

function eventTimes(events: readonly LoggedEvent[]): EventTimes | null {
  let [min, max, sum, count] = [Infinity, -Infinity, 0, 0];
  for (const { createdMs } of events) {
    if (Number.isNaN(createdMs)) continue;
    min = Math.min(min, createdMs);
    max = Math.max(max, createdMs);
    sum += createdMs;
    count++;
  }
  return count === 0 ? null : { min, max, sum, count };
}
