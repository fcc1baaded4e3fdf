/**
 * The embedded event log: topics kept as rows of the database in use. For first runs and small
 * setups; it serves one consumer per group at a time (others are fenced by the stored position).
 *
 * @module
 */
import { z } from "zod";
import type { Database } from "../db/database.ts";
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
}

const offset = z.string().transform(Number);
const rangeRow = z.object({ partition: z.number(), start_offset: offset, next_offset: offset });
const recordRow = z.object({
  record_offset: offset,
  key: z.string().nullable(),
  value: z.instanceof(Uint8Array),
  headers: z.record(z.string(), z.string()).nullable(),
  appended_at: z.date(),
});

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
  /** Partition counts of the topics seen: a topic never loses partitions, so this stays true. */
  readonly #partitions = new Map<string, number>();
  /** Consumers of this process that wait for records. */
  readonly #waiting = new Set<() => void>();

  constructor(db: Database, { now = Date.now, pollMs = 250 }: EmbeddedLogOptions) {
    this.#db = db;
    this.#now = now;
    this.#pollMs = pollMs;
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
    const byPartition = new Map<number, NewRecord[]>();
    for (const record of records) {
      const partition = partitionOf(record.key, count);
      const list = byPartition.get(partition);
      if (list === undefined) byPartition.set(partition, [record]);
      else list.push(record);
    }
    const appendedAt = new Date(this.#now());
    const order = [...byPartition.keys()].sort((a, b) => a - b);
    await this.#db.transaction(async (tx) => {
      // The row locks, taken in order, make offsets gapless and appends of two processes safe.
      for (const partition of order) {
        const list = byPartition.get(partition) ?? [];
        await tx.query(
          `WITH place AS (
             UPDATE masto.log_partitions SET next_offset = next_offset + $3
             WHERE topic = $1 AND partition = $2 RETURNING next_offset - $3 AS base
           )
           INSERT INTO masto.log_records
             (topic, partition, record_offset, key, value, headers, appended_at)
           SELECT $1, $2, place.base + r.n - 1, r.key, r.value, r.headers::jsonb, $7
           FROM place, unnest($4::text[], $5::bytea[], $6::text[])
             WITH ORDINALITY AS r(key, value, headers, n)`,
          [
            topic,
            partition,
            list.length,
            list.map((r) => r.key),
            list.map((r) => typeof r.value === "string" ? encoder.encode(r.value) : r.value),
            list.map((r) => r.headers === undefined ? null : JSON.stringify(r.headers)),
            appendedAt,
          ],
        );
      }
    });
    for (const wake of this.#waiting) wake();
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
    return z.array(recordRow).parse(rows).map((row) => ({
      offset: row.record_offset,
      key: row.key,
      value: row.value,
      timestamp: row.appended_at.getTime(),
      headers: row.headers ?? {},
    }));
  }

  async consume(options: ConsumeOptions): Promise<void> {
    const { topic, signal, maxBatchRecords = 2000, tickMs = 1000 } = options;
    const held = [...(await this.offsets(topic)).keys()];
    let positions = new Map(await options.positions(held));
    let lastTick = performance.now();
    while (!signal.aborted) {
      let moved = false;
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
      if (!moved) await this.#wait(Math.min(this.#pollMs, tickMs), signal);
    }
    options.onRevoked?.(held);
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #nextBatch(
    topic: string,
    place: { partition: number; from: number; limit: number },
  ): Promise<RecordBatch | null> {
    const records = await this.read(topic, place);
    const last = records.at(-1);
    if (last === undefined) return null;
    const endOffset = records.length < place.limit
      ? last.offset + 1
      : (await this.offsets(topic)).get(place.partition)?.end ?? last.offset + 1;
    return { topic, partition: place.partition, records, endOffset };
  }

  async #partitionCount(topic: string): Promise<number> {
    return this.#partitions.get(topic) ?? (await this.offsets(topic)).size;
  }

  /** Waits for an append of this process, for `ms`, or for the end, whichever comes first. */
  #wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#waiting.add(done);
      signal.addEventListener("abort", done);
    });
  }
}

const encoder = new TextEncoder();
