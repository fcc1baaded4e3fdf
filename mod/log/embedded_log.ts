/**
 * The embedded event log: topics kept as rows of the database in use. For first runs and small
 * setups; it serves one consumer per group at a time (others are fenced by the stored position).
 *
 * @module
 */
import { z } from "zod";
import { Waiters } from "../async/waiting.ts";
import type { Database } from "../db/database.ts";
import { insertRecords, storable, type StoredRecord, toRecords } from "./_stored_record.ts";
import {
  type ConsumeOptions,
  type EventLog,
  FencedError,
  type LogRecord,
  MissingTopicError,
  type NewRecord,
  type OffsetRange,
  type RecordBatch,
  type TopicSpec,
  type TopicStatus,
} from "./event_log.ts";
import { partitionOf } from "./partitioner.ts";

/** Options of {@linkcode embeddedLog}. */
export interface EmbeddedLogOptions {
  /** The clock that stamps records, in ms. @default {Date.now} */
  readonly now?: () => number;
  /** How often a consumer looks for records that another process appended, in ms. @default {250} */
  readonly pollMs?: number;
  /**
   * Most bytes of payload in one statement or batch, a larger record alone excepted: PostgreSQL and
   * JavaScript have limits to the length of a text, and machines to their memory.
   *
   * @default {8_388_608}
   */
  readonly maxBytes?: number;
}

const offset = z.string().transform(Number);
const rangeRow = z.object({ partition: z.number(), start_offset: offset, next_offset: offset });

/**
 * The log kept in `db`, whose schema must be up to date. Closing it leaves the database open.
 *
 * @example
 * ```ts ignore
 * const log = embeddedLog(db);
 * await log.createTopics([{ name: "mastodon_stream", partitions: 4 }]);
 * await log.append("mastodon_stream", [{ key: "1", value: "{}" }]);
 * ```
 */
export function embeddedLog(db: Database, options: EmbeddedLogOptions = {}): EventLog {
  return new EmbeddedLog(db, options);
}

class EmbeddedLog implements EventLog {
  readonly engine = "embedded";
  readonly #db: Database;
  readonly #now: () => number;
  readonly #pollMs: number;
  readonly #maxBytes: number;
  /** Partition counts of the topics seen: a topic never loses partitions, so this stays true. */
  readonly #partitions = new Map<string, number>();
  /** Consumers of this process that wait for records. */
  /** Those who wait for an append of this process. */
  readonly #waiting = new Waiters();
  /** Appends of this process so far. */
  #appends = 0;

  constructor(db: Database, options: EmbeddedLogOptions) {
    this.#db = db;
    this.#now = options.now ?? Date.now;
    this.#pollMs = options.pollMs ?? 250;
    this.#maxBytes = options.maxBytes ?? 8 * 1024 * 1024;
  }

  async createTopics(specs: readonly TopicSpec[]): Promise<readonly TopicStatus[]> {
    const statuses: TopicStatus[] = [];
    for (const { name, partitions } of specs) {
      const numbers = Array.from({ length: partitions }, (_, i) => i);
      // Only a topic that is wholly missing is made: more partitions would part a key's records.
      const made = await this.#db.query(
        `INSERT INTO masto.log_partitions (topic, partition)
         SELECT $1, p FROM unnest($2::int[]) p
         WHERE NOT EXISTS (SELECT FROM masto.log_partitions WHERE topic = $1)
         ON CONFLICT DO NOTHING RETURNING partition`,
        [name, numbers],
      );
      const found = await this.offsets(name);
      statuses.push({ name, partitions: found.size, created: made.length > 0 });
    }
    return statuses;
  }

  async append(topic: string, records: readonly NewRecord[]): Promise<void> {
    if (records.length === 0) return;
    const count = await this.#partitionCount(topic);
    const byPartition = Map.groupBy(
      records.map(storable),
      ({ key }) => partitionOf(key, count),
    );
    const appendedAt = new Date(this.#now());
    const order = [...byPartition.keys()].sort((a, b) => a - b);
    await this.#db.transaction(async (tx) => {
      // The row locks, taken in order, make offsets gapless and appends of two processes safe.
      for (const partition of order) {
        for (const list of this.#portions(byPartition.get(partition) ?? [])) {
          await insertRecords(tx, { topic, partition, list, appendedAt });
        }
      }
    });
    this.#appends++;
    this.#waiting.wake();
  }

  async offsets(topic: string): Promise<ReadonlyMap<number, OffsetRange>> {
    const rows = z.array(rangeRow).parse(
      await this.#db.query(
        `SELECT partition, start_offset, next_offset FROM masto.log_partitions
         WHERE topic = $1 ORDER BY partition`,
        [topic],
      ),
    );
    if (rows.length === 0) throw new MissingTopicError(topic);
    this.#partitions.set(topic, rows.length);
    return new Map(rows.map((r) => [r.partition, { start: r.start_offset, end: r.next_offset }]));
  }

  async read(
    topic: string,
    { partition, from, limit }: { partition: number; from: number; limit: number },
  ): Promise<readonly LogRecord[]> {
    const rows = await this.#db.query(
      `SELECT record_offset, key, value, headers, appended_at FROM masto.log_records
       WHERE topic = $1 AND partition = $2 AND record_offset >= $3
       ORDER BY record_offset LIMIT $4`,
      [topic, partition, from, limit],
    );
    return toRecords(rows);
  }

  async consume(options: ConsumeOptions): Promise<void> {
    const { topic, signal, maxBatchRecords = 2000, tickMs = 1000 } = options;
    const held = [...(await this.offsets(topic)).keys()];
    let positions = new Map(await options.positions(held));
    let lastTick = performance.now();
    while (!signal.aborted) {
      let moved = false;
      const appends = this.#appends;
      for (const partition of held) {
        if (signal.aborted) break;
        const from = positions.get(partition) ?? 0;
        const batch = await this.#nextBatch(topic, { partition, from, limit: maxBatchRecords });
        const last = batch?.records.at(-1);
        if (batch === null || last === undefined) continue;
        moved = true;
        try {
          await options.onBatch(batch);
          positions.set(partition, last.offset + 1);
        } catch (error) {
          if (!(error instanceof FencedError)) throw error;
          positions = new Map(await options.positions(held));
        }
      }
      if (performance.now() - lastTick >= tickMs && !signal.aborted) {
        await options.onTick?.(held);
        lastTick = performance.now();
      }
      // What was appended to a partition after we looked at it is not waited for.
      if (!moved && appends === this.#appends) {
        await this.#waiting.wait(Math.min(this.#pollMs, tickMs), signal);
      }
    }
    options.onRevoked?.(held);
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #nextBatch(
    topic: string,
    place: { partition: number; from: number; limit: number },
  ): Promise<RecordBatch | null> {
    const { partition, from, limit } = place;
    const rows = await this.#db.query(
      `SELECT record_offset, key, value, headers, appended_at FROM masto.log_records
       WHERE topic = $1 AND partition = $2 AND record_offset >= $3 AND record_offset <= (
         SELECT max(record_offset)
         FROM (
           SELECT record_offset, sum(bytes) OVER (ORDER BY record_offset) - bytes AS bytes_before
           FROM (
             SELECT record_offset, octet_length(value) AS bytes FROM masto.log_records
             WHERE topic = $1 AND partition = $2 AND record_offset >= $3
             ORDER BY record_offset LIMIT $4
           ) AS next
         ) AS counted
         WHERE bytes_before < $5
       )
       ORDER BY record_offset`,
      [topic, partition, from, limit, this.#maxBytes],
    );
    const records = toRecords(rows);
    const last = records.at(-1);
    if (last === undefined) return null;
    const bytes = records.reduce((sum, { value }) => sum + value.length, 0);
    const isAll = records.length < limit && bytes < this.#maxBytes;
    const endOffset = isAll
      ? last.offset + 1
      : (await this.offsets(topic)).get(partition)?.end ?? last.offset + 1;
    return { topic, partition, records, endOffset };
  }

  /** Parts records, in order, into lists that a statement can take. */
  *#portions(records: readonly StoredRecord[]): Generator<readonly StoredRecord[]> {
    let [start, bytes] = [0, 0];
    for (const [i, { value }] of records.entries()) {
      if (i > start && bytes + value.length > this.#maxBytes) {
        yield records.slice(start, i);
        [start, bytes] = [i, 0];
      }
      bytes += value.length;
    }
    yield records.slice(start);
  }

  async #partitionCount(topic: string): Promise<number> {
    return this.#partitions.get(topic) ?? (await this.offsets(topic)).size;
  }
}
