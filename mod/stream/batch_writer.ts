/**
 * Batches of one or several partitions → one transaction: rows, windows, predictions, positions and
 * watermarks land together or not at all, which makes the log's at-least-once exactly-once in effect.
 *
 * @module
 */
import { within } from "../async/waiting.ts";
import { CombinedStatement } from "../db/combined_statement.ts";
import { LOCK_PATIENCE } from "../db/contended.ts";
import type { Database, Sql } from "../db/database.ts";
import { isRetryable } from "../db/retryable.ts";
import type { Toot } from "../mastodon/wire.ts";
import type { LoggedEvent } from "./decode.ts";
import { readFinalUntil } from "./finality.ts";
import { optOutLock, OptOuts } from "./opt_out.ts";
import { PLAN_BY_INDEX } from "./plan_by_index.ts";
import { readPrior } from "./prior_store.ts";
import { addAdvance, lockPositions } from "./progress_store.ts";
import { type EventCounts, noEvents } from "./event_counts.ts";
import { type BatchChanges, reduceBatches } from "./reduce.ts";
import type { Score } from "./toot_state.ts";
import type { TootScorer } from "./toot_scorer.ts";
import { writeToots } from "./toot_store.ts";
import { PartitionClock } from "./window.ts";
import { addDeltas } from "./window_store.ts";

/** What a writer works with. */
export interface BatchWriterOptions {
  readonly db: Database;
  readonly group: string;
  readonly topic: string;
  readonly windowMs: number;
  readonly graceMs: number;
  /** Null: nothing is scored. */
  readonly scorer: TootScorer | null;
}

/** A batch of one partition, decoded. */
export interface DecodedBatch {
  readonly partition: number;
  /** Where the partition stood before it. */
  readonly offset: number;
  /** Where it stands after it. */
  readonly nextOffset: number;
  /** Newest event time of the partition before it, in ms. */
  readonly maxEventMs: number | null;
  readonly events: readonly LoggedEvent[];
  readonly deadLetters: number;
  /** Resolves when the dead letters are durable: the batch must not be committed before. */
  readonly lettersKept: Promise<void>;
  /** Scores made beforehand; toots that are missing are scored on the way. */
  readonly scores: ReadonlyMap<Toot, Score | null>;
}

interface TimedBatch extends DecodedBatch {
  /** The partition's clock before it; moved on by its events. */
  readonly clock: PartitionClock;
}

/** What became of a batch. */
export interface WrittenBatch {
  readonly counts: EventCounts;
  readonly clock: PartitionClock;
  /** Rows written or removed; those of its whole transaction are told with the first batch. */
  readonly rowsChanged: number;
}

/** After toots that were not new, so many transactions look first: repeats come in runs. */
const WARY_TRANSACTIONS = 50;

/** How often a transaction that another disturbed is tried. */
const MAX_ATTEMPTS = 8;

/** Batches cannot be reduced without looking at what is held. */
class UnsureError extends Error {
  override readonly name = "UnsureError";
}

/** Dead letters are not durable yet: what was written is to be undone rather than kept waiting. */
class PendingLettersError extends Error {
  override readonly name = "PendingLettersError";
}

/** How long a transaction waits with its locks for dead letters to become durable, in ms. */
const LETTERS_PATIENCE_MS = 1000;

/** Writes batches of the partitions that a worker holds. */
export class BatchWriter {
  readonly #options: BatchWriterOptions;
  readonly #optOuts = new OptOuts();
  /** Transactions still to be written without assuming that toots are new. */
  #wary = 0;

  constructor(options: BatchWriterOptions) {
    this.#options = options;
  }

  /**
   * Writes batches of different partitions in one transaction, once their dead letters are durable: a
   * crash in between repeats a dead letter, and never loses one.
   *
   * @throws {FencedError} if another worker has moved one of the positions: nothing is written
   */
  async write(batches: readonly DecodedBatch[]): Promise<WrittenBatch[]> {
    // An embedded database runs one transaction at a time: letters that it is to keep itself would
    // wait for ours.
    if (this.#options.db.engine === "pglite") await lettersKept(batches);
    for (let attempt = 1;; attempt++) {
      const assumeNew = attempt === 1 && this.#wary === 0;
      if (this.#wary > 0) this.#wary--;
      try {
        return await this.#options.db.transaction(
          (tx) => this.#write(tx, { batches, assumeNew }),
          { opening: `${PLAN_BY_INDEX}; ${LOCK_PATIENCE}; ${optOutLock(batches)}` },
        );
      } catch (error) {
        if (error instanceof PendingLettersError) {
          await lettersKept(batches);
          continue;
        }
        const unsure = error instanceof UnsureError;
        if (!(unsure || isRetryable(error)) || attempt >= MAX_ATTEMPTS) throw error;
        if (assumeNew) {
          this.#wary = WARY_TRANSACTIONS;
          continue;
        }
        // Random, so that two workers that met do not meet again.
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * 2 ** attempt));
      }
    }
  }

  async #write(
    tx: Sql,
    { batches, assumeNew }: { batches: readonly DecodedBatch[]; assumeNew: boolean },
  ): Promise<WrittenBatch[]> {
    const { group, topic, graceMs, scorer } = this.#options;
    const expected = new Map(batches.map(({ partition, offset }) => [partition, offset]));
    const timed = batches.map((batch) => ({
      ...batch,
      clock: new PartitionClock({ graceMs, maxEventTime: batch.maxEventMs }),
    }));
    // The lock first: what is read behind it holds for as long as the transaction lasts.
    const [, changes] = await Promise.all([
      lockPositions(tx, { group, topic, expected }),
      this.#reduce(tx, { batches: timed, assumeNew }),
    ]);
    // What is taken for a copy is not inserted, so no unique key would tell that it was held.
    if (assumeNew && changes.counts.some(({ copies }) => copies > 0)) throw new UnsureError();
    await Promise.all([
      writeToots(tx, { changes, topic, modelVersion: scorer?.version ?? null }),
      this.#writeTotals(tx, { batches: timed, changes }),
    ]);
    return timed.map(({ clock }, i) => ({
      counts: changes.counts[i] ?? noEvents(),
      clock,
      rowsChanged: i > 0 ? 0 : rows(changes),
    }));
  }

  /** Windows and positions: last, since others wait for these rows until the transaction ends. */
  async #writeTotals(
    tx: Sql,
    { batches, changes }: { batches: readonly TimedBatch[]; changes: BatchChanges },
  ): Promise<void> {
    const { group, topic, graceMs } = this.#options;
    await lettersKeptSoon(batches);
    const statement = new CombinedStatement();
    for (const [i, { partition, nextOffset, events, deadLetters, clock }] of batches.entries()) {
      addAdvance(statement, {
        group,
        topic,
        partition,
        nextOffset,
        maxEventMs: clock.maxEventTime,
        graceMs,
        records: events.length + deadLetters,
        deadLetters,
        counts: changes.counts[i] ?? noEvents(),
      });
    }
    await addDeltas(tx, changes.deltas, statement);
  }

  async #reduce(
    tx: Sql,
    { batches, assumeNew }: { batches: readonly TimedBatch[]; assumeNew: boolean },
  ): Promise<BatchChanges> {
    const { windowMs, scorer } = this.#options;
    const all = await this.#optOuts.withdraw(tx, batches);
    const events = all.flatMap((batch) => batch.events.map(({ event }) => event));
    const [judged, prior, finalUntilMs] = await Promise.all([
      this.#optOuts.mark(tx, all),
      readPrior(tx, { events, assumeNew }),
      readFinalUntil(tx),
    ]);
    // What an opt-out concerns may be a copy of what is held.
    if (assumeNew && judged.some((batch) => batch.events.some(isWithdrawnToot))) {
      throw new UnsureError();
    }
    return reduceBatches(judged, {
      prior,
      windowMs,
      finalUntilMs,
      score: (toot) => {
        for (const { scores } of batches) {
          const known = scores.get(toot);
          if (known !== undefined) return known;
        }
        return scorer?.score(toot.text, toot.lang) ?? null;
      },
    });
  }
}

function isWithdrawnToot({ event, withdrawn = false }: LoggedEvent): boolean {
  return withdrawn && "toot" in event;
}

async function lettersKept(batches: readonly DecodedBatch[]): Promise<void> {
  await Promise.all(batches.map((batch) => batch.lettersKept));
}

/** @throws {PendingLettersError} if it takes too long */
async function lettersKeptSoon(batches: readonly DecodedBatch[]): Promise<void> {
  if (batches.every(({ deadLetters }) => deadLetters === 0)) return;
  if (await within(lettersKept(batches), { ms: LETTERS_PATIENCE_MS }) === null) {
    throw new PendingLettersError();
  }
}

function rows({ inserts, updates, removals }: BatchChanges): number {
  return inserts.length + updates.length + removals.length;
}
