import type { Row } from "../db/database.ts";
import type { WireEvent } from "../mastodon/wire.ts";
import { dailyRows, lateRow, NAMES, predictionRow, tootRow } from "./_memory_rows.ts";
import { type Tables, tablesOf } from "./_tables.ts";
import type { DeltaMap } from "./deltas.ts";
import { type EventCounts, noEvents } from "./event_counts.ts";
import type { BatchChanges, LateEvent, Prior } from "./reduce.ts";
import { keyOf, type Score, type TootId, type TootRow } from "./toot_state.ts";
import { PartitionClock, wholeWatermark, windowStart } from "./window.ts";

/** Where a partition stands. */
export interface MemoryPosition {
  readonly nextOffset: number;
  readonly maxEventMs: number | null;
  readonly isIdle: boolean;
  readonly records: number;
  readonly deadLetters: number;
  readonly counts: EventCounts;
}

/** What a batch of one partition commits. */
export interface MemoryCommit {
  readonly partition: number;
  readonly changes: BatchChanges;
  readonly clock: PartitionClock;
  readonly nextOffset: number;
  readonly records: number;
  readonly deadLetters: number;
}

type Sums = Record<string, number>;

const START: MemoryPosition = {
  nextOffset: 0,
  maxEventMs: null,
  isIdle: false,
  records: 0,
  deadLetters: 0,
  counts: noEvents(),
};

/**
 * The tables as Maps: a model of what the SQL of the stores does, constraints included, with which a
 * log can be worked through thousands of times a second.
 */
export class MemoryTables {
  readonly positions: Map<number, MemoryPosition>;
  finalUntilMs = -Infinity;
  readonly #options: { windowMs: number; graceMs: number };
  readonly #toots = new Map<string, TootRow>();
  readonly #predictions = new Map<string, Row & { score: Score }>();
  readonly #tombstones = new Map<string, TootId & { deletedMs: number }>();
  readonly #late = new Map<string, LateEvent>();
  readonly #byLang = new Map<string, Sums>();
  readonly #byAuthor = new Map<string, Sums>();
  readonly #sentiment = new Map<string, Sums>();

  constructor(options: { windowMs: number; graceMs: number; partitions: number }) {
    this.#options = options;
    this.positions = new Map(Array.from({ length: options.partitions }, (_, p) => [p, START]));
  }

  /** What the tables hold of a batch's toots. */
  prior(events: readonly WireEvent[]): Prior {
    const uris = new Set(events.flatMap((e) => "toot" in e ? [e.toot.uri] : []));
    const keys = new Set(events.map(keyOf));
    return {
      toots: new Map(
        [...this.#toots].filter(([key]) => keys.has(key))
          .map(([key, row]) => [key, { ...row, score: this.#predictions.get(key)?.score ?? null }]),
      ),
      tombstones: new Set([...this.#tombstones.keys()].filter((key) => keys.has(key))),
      uriOwners: new Map(
        [...this.#toots].filter(([, row]) => uris.has(row.uri)).map(([key, row]) => [row.uri, key]),
      ),
    };
  }

  /** Commits a batch. */
  commit({ partition, changes, clock, nextOffset, records, deadLetters }: MemoryCommit): void {
    this.#write(changes);
    this.#add(changes);
    const before = this.positions.get(partition) ?? START;
    const counts = noEvents();
    const [more = noEvents()] = changes.counts;
    for (const name of countNames()) counts[name] = before.counts[name] + more[name];
    this.positions.set(partition, {
      nextOffset,
      maxEventMs: clock.maxEventTime,
      isIdle: false,
      records: before.records + records,
      deadLetters: before.deadLetters + deadLetters,
      counts,
    });
  }

  /** Marks a partition silent. */
  markIdle(partition: number): void {
    this.positions.set(partition, { ...this.positions.get(partition) ?? START, isIdle: true });
  }

  /** Moves finality on to the whole watermark. */
  advanceFinality(): void {
    const { graceMs, windowMs } = this.#options;
    const watermark = wholeWatermark([...this.positions.values()].map(({ maxEventMs, isIdle }) => ({
      watermark: maxEventMs === null ? null : maxEventMs - graceMs,
      isIdle,
    })));
    if (watermark === -Infinity) return;
    this.finalUntilMs = Math.max(this.finalUntilMs, windowStart(watermark, windowMs));
  }

  /** Sum of one count over all partitions. */
  total(name: keyof EventCounts): number {
    return [...this.positions.values()].reduce((sum, { counts }) => sum + counts[name], 0);
  }

  /** How many toots each final window counts, by window and language. */
  finalWindows(): ReadonlyMap<string, number> {
    const { windowMs } = this.#options;
    return new Map(
      [...this.#byLang].filter(([key]) => Number(key.split(" ")[0]) + windowMs <= this.finalUntilMs)
        .map(([key, sums]) => [key, sums.n_toots ?? 0]),
    );
  }

  #write(changes: BatchChanges): void {
    for (const id of changes.removals) {
      must(this.#toots.delete(keyOf(id)), "a removed toot was there");
      this.#predictions.delete(keyOf(id));
      this.#late.delete(keyOf(id));
    }
    for (const row of changes.tombstones) {
      if (!this.#tombstones.has(keyOf(row))) this.#tombstones.set(keyOf(row), row);
    }
    for (const row of changes.inserts) {
      must(!this.#toots.has(keyOf(row)), "an inserted toot is new");
      must([...this.#toots.values()].every(({ uri }) => uri !== row.uri), "a uri stands once");
      this.#toots.set(keyOf(row), row);
    }
    for (const row of changes.updates) {
      const before = this.#toots.get(keyOf(row));
      must(before !== undefined, "an updated toot is there");
      const { uri, isLate, ingestedMs } = before;
      this.#toots.set(keyOf(row), { ...row, uri, isLate, ingestedMs });
    }
    for (const id of changes.unscored) {
      must(this.#predictions.delete(keyOf(id)), "an unscored toot had a prediction");
    }
    for (const row of [...changes.inserts, ...changes.updates]) {
      if (row.score === null) continue;
      this.#predictions.set(keyOf(row), { ...predictionRow(row, row.score), score: row.score });
    }
    for (const event of changes.lateEvents) {
      must(!this.#late.has(keyOf(event)), "a toot is late once");
      this.#late.set(keyOf(event), event);
    }
  }

  #add({ deltas }: BatchChanges): void {
    addTo(this.#byLang, deltas.byLang, {
      count: "n_toots",
      sums: (d) => ({ n_toots: d.toots, sum_length: d.length }),
    });
    addTo(this.#byAuthor, deltas.byAuthor, {
      count: "n_toots",
      sums: (d) => ({ n_toots: d.toots, sum_length: d.length }),
    });
    addTo(this.#sentiment, deltas.sentiment, {
      count: "n_scored",
      sums: (d) => ({
        n_scored: d.scored,
        n_pos: d.positive,
        n_neg: d.negative,
        n_neu: d.neutral,
        micro: d.probMicro,
      }),
    });
  }

  /** Everything, as a database would show it. */
  tables(): Tables {
    const rows: Readonly<Record<keyof Tables, Row[]>> = {
      toots_raw: [...this.#toots.values()].map(tootRow),
      toots_sentiment: [...this.#predictions.values()].map(({ score: _, ...row }) => row),
      tombstones: [...this.#tombstones.values()].map(({ instance, id, deletedMs }) => ({
        instance,
        id,
        deleted_at: new Date(deletedMs),
      })),
      late_events: [...this.#late.values()].map(lateRow),
      toot_metrics_windowed: this.#lengths(this.#byLang, "lang"),
      user_avg_length_windowed: this.#lengths(this.#byAuthor, "account_id"),
      sentiment_windowed: [...this.#sentiment].map(([key, { micro = 0, n_scored = 0, ...n }]) => ({
        ...this.#window(key, "lang"),
        ...n,
        n_scored,
        avg_prob_pos: micro / 1e6 / n_scored,
      })),
      v_sentiment_daily: dailyRows([...this.#predictions.values()]),
      stream_progress: [...this.positions].map(([partition, position]) =>
        this.#progressRow(partition, position)
      ),
    };
    return tablesOf((name) => rows[name]);
  }

  #lengths(map: ReadonlyMap<string, Sums>, name: string): Row[] {
    return [...map].map(([key, { n_toots = 0, sum_length = 0 }]) => ({
      ...this.#window(key, name),
      n_toots,
      avg_length: sum_length / n_toots,
    }));
  }

  #window(key: string, name: string): Row {
    const space = key.indexOf(" ");
    const start = Number(key.slice(0, space));
    const end = start + this.#options.windowMs;
    return {
      window_start: new Date(start),
      window_end: new Date(end),
      [name]: key.slice(space + 1),
      is_final: end <= this.finalUntilMs,
    };
  }

  #progressRow(partition: number, position: MemoryPosition): Row {
    const { maxEventMs, counts } = position;
    return {
      worker_group: NAMES.group,
      topic: NAMES.topic,
      partition,
      next_offset: String(position.nextOffset),
      max_event_time: maxEventMs === null ? null : new Date(maxEventMs),
      watermark: maxEventMs === null ? null : new Date(maxEventMs - this.#options.graceMs),
      is_idle: position.isIdle,
      n_records: String(position.records),
      n_dead_letters: String(position.deadLetters),
      n_toots: String(counts.toots),
      n_duplicates: String(counts.duplicates),
      n_copies: String(counts.copies),
      n_edits: String(counts.edits),
      n_stale: String(counts.stale),
      n_deletes: String(counts.deletes),
      n_unknown: String(counts.unknown),
      n_after_delete: String(counts.afterDelete),
      n_late: String(counts.late),
    };
  }
}

function must(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Error(`Broken: ${rule}`);
}

function countNames(): (keyof EventCounts)[] {
  return [
    "toots",
    "duplicates",
    "copies",
    "edits",
    "stale",
    "deletes",
    "unknown",
    "afterDelete",
    "late",
  ];
}

function addTo<D>(
  map: Map<string, Sums>,
  deltas: DeltaMap<D>,
  { count, sums }: { count: string; sums: (delta: D) => Sums },
): void {
  for (const [start, names] of deltas) {
    for (const [name, delta] of names) {
      const key = `${start} ${name}`;
      const change = sums(delta);
      if (Object.values(change).every((n) => n === 0)) continue;
      const total = Object.fromEntries(
        Object.entries(change).map(([field, n]) => [field, n + (map.get(key)?.[field] ?? 0)]),
      );
      must(Object.values(total).every((n) => n >= 0), "no window goes below zero");
      if (total[count] !== 0) map.set(key, total);
      else {
        must(Object.values(total).every((n) => n === 0), "an empty window holds nothing");
        map.delete(key);
      }
    }
  }
}
