/**
 * The heart of the stream: events of one partition or several + what the database holds of their toots
 * → what to change. Pure, so that any order, any batch size and any crash can be tried in memory.
 *
 * @module
 */
import type { Toot, TootEvent } from "../mastodon/wire.ts";
import { codePoints } from "../mastodon/text.ts";
import type { LoggedEvent } from "./decode.ts";
import { WindowDeltas } from "./deltas.ts";
import { type EventCounts, noEvents } from "./event_counts.ts";
import { keyOf, type Score, type StoredToot, type TootId, type TootRow } from "./toot_state.ts";
import { type PartitionClock, windowStart } from "./window.ts";

/** What the database holds of the toots that a batch names. */
export interface Prior {
  /** By {@linkcode keyOf}. */
  readonly toots: ReadonlyMap<string, StoredToot>;
  /** Keys of the toots known to be deleted. */
  readonly tombstones: ReadonlySet<string>;
  /** Key of the toot that holds a uri. */
  readonly uriOwners: ReadonlyMap<string, string>;
}

/** A toot that missed its window. */
export interface LateEvent extends TootId {
  readonly createdMs: number;
  readonly windowStartMs: number;
  readonly watermarkMs: number;
  readonly partition: number;
  readonly offset: number;
  readonly arrivedMs: number;
}

/** One partition's events, in offset order. */
export interface PartitionEvents {
  readonly partition: number;
  readonly events: readonly LoggedEvent[];
  /** The partition's clock; it is moved on. */
  readonly clock: PartitionClock;
}

/** Everything that is changed at once. */
export interface BatchChanges {
  /** Toots that the database lacks. */
  readonly inserts: readonly TootRow[];
  /** Toots that it holds in an older version. */
  readonly updates: readonly TootRow[];
  /** Toots that it holds and that were deleted. */
  readonly removals: readonly TootId[];
  /** Toots whose prediction no longer stands and is not replaced. */
  readonly unscored: readonly TootId[];
  readonly tombstones: readonly (TootId & { readonly deletedMs: number })[];
  readonly lateEvents: readonly LateEvent[];
  readonly deltas: WindowDeltas;
  /** Of each partition's events, in the order in which they were given. */
  readonly counts: readonly EventCounts[];
}

/** How events are reduced. */
export interface ReduceOptions {
  readonly prior: Prior;
  readonly windowMs: number;
  /** Windows that end at or before this are final, in ms: -Infinity if none. */
  readonly finalUntilMs: number;
  /** The score of a toot with a text; null if it is not to be scored. */
  readonly score: (toot: Toot) => Score | null;
}

/** A toot while its batch is worked through. */
interface Working extends TootId {
  readonly stored: StoredToot | null;
  current: Version | null;
  deletedMs: number | null;
  readonly wasDeleted: boolean;
}

interface Version {
  readonly createdMs: number;
  readonly editedMs: number | null;
  readonly uri: string;
  readonly isLate: boolean;
  /** Null for the version that the database holds already. */
  readonly incoming: TootEvent | null;
  readonly ingestedMs: number;
  readonly late: LateEvent | null;
}

/** The batch in hand. */
interface Taking {
  readonly partition: number;
  readonly clock: PartitionClock;
  readonly counts: EventCounts;
}

interface LoggedOf {
  readonly logged: LoggedEvent;
  readonly batch: Taking;
}

/**
 * Works through one batch after another, each of a partition and in offset order. Rules: the first
 * arrival of a toot makes it (and decides whether it is late), the newest `edited_at` is kept, a
 * delete outlasts everything.
 */
export function reduceBatches(
  batches: readonly PartitionEvents[],
  options: ReduceOptions,
): BatchChanges {
  const run = new Reduction(options);
  const counts = batches.map((batch) => run.take(batch));
  return run.changes(counts);
}

class Reduction {
  readonly #options: ReduceOptions;
  readonly #toots = new Map<string, Working>();
  readonly #uriOwners = new Map<string, string | null>();

  constructor(options: ReduceOptions) {
    this.#options = options;
  }

  take({ partition, events, clock }: PartitionEvents): EventCounts {
    const batch = { partition, clock, counts: noEvents() };
    for (const logged of events) this.#take(logged, batch);
    return batch.counts;
  }

  #take(logged: LoggedEvent, batch: Taking): void {
    const { event, withdrawn = false } = logged;
    if (event.type === "opt_out") {
      batch.counts.optOuts++;
      return;
    }
    const key = keyOf(event);
    const toot = this.#working(key, event);
    if (withdrawn) this.#withdraw(toot, { logged, batch });
    else if (event.type === "delete") this.#delete(toot, { logged, batch });
    else this.#upsert(toot, { key, logged, event, batch });
  }

  /** As a delete, and what brings the toot still moves the clock. */
  #withdraw(
    toot: Working,
    { logged: { event, arrivedMs, createdMs }, batch: { clock, counts } }: LoggedOf,
  ): void {
    if ("toot" in event) {
      clock.observe(createdMs);
      counts.afterDelete++;
    }
    if (toot.current !== null) {
      counts.withdrawn++;
      this.#uriOwners.set(toot.current.uri, null);
      toot.current = null;
    }
    if (!toot.wasDeleted) toot.deletedMs ??= arrivedMs;
  }

  #delete(toot: Working, { logged: { arrivedMs }, batch: { counts } }: LoggedOf): void {
    if (toot.current === null) {
      counts.unknown++;
    } else {
      counts.deletes++;
      this.#uriOwners.set(toot.current.uri, null);
      toot.current = null;
    }
    if (!toot.wasDeleted) toot.deletedMs ??= arrivedMs;
  }

  #upsert(
    toot: Working,
    { key, logged, event, batch }: LoggedOf & { key: string; event: TootEvent },
  ): void {
    const { clock, counts, partition } = batch;
    const { createdMs } = logged;
    const editedMs = event.toot.edited_at === null ? null : Date.parse(event.toot.edited_at);
    const watermarkMs = clock.watermark;
    // Observed whatever becomes of the event: the clock is a fact of the log alone.
    clock.observe(createdMs);
    if (toot.wasDeleted || toot.deletedMs !== null) {
      counts.afterDelete++;
      return;
    }
    const held = toot.current;
    if (held === null) {
      const owner = this.#uriOwner(event.toot.uri);
      if (owner !== null && owner !== key) {
        counts.copies++;
        return;
      }
      const late = this.#lateness(event, { logged, partition, watermarkMs });
      counts.toots++;
      if (late !== null) counts.late++;
      this.#uriOwners.set(event.toot.uri, key);
      toot.current = {
        createdMs,
        editedMs,
        uri: event.toot.uri,
        isLate: late !== null,
        incoming: event,
        ingestedMs: logged.arrivedMs,
        late,
      };
      return;
    }
    const newer = (editedMs ?? -Infinity) - (held.editedMs ?? -Infinity);
    if (newer > 0) {
      counts.edits++;
      toot.current = { ...held, createdMs, editedMs, incoming: event };
    } else if (newer < 0) {
      counts.stale++;
    } else {
      // Also where both are -Infinity: their difference is NaN.
      counts.duplicates++;
    }
  }

  #lateness(
    id: TootId,
    { logged, partition, watermarkMs }: {
      logged: LoggedEvent;
      partition: number;
      watermarkMs: number;
    },
  ): LateEvent | null {
    const { windowMs, finalUntilMs } = this.#options;
    const { createdMs } = logged;
    const windowStartMs = windowStart(createdMs, windowMs);
    const closedUntil = Math.max(watermarkMs, finalUntilMs);
    if (windowStartMs + windowMs > closedUntil) return null;
    return {
      instance: id.instance,
      id: id.id,
      createdMs,
      windowStartMs,
      watermarkMs: closedUntil,
      partition,
      offset: logged.offset,
      arrivedMs: logged.arrivedMs,
    };
  }

  #working(key: string, { instance, id }: TootId): Working {
    let toot = this.#toots.get(key);
    if (toot === undefined) {
      const stored = this.#options.prior.toots.get(key) ?? null;
      toot = {
        instance,
        id,
        stored,
        current: stored === null
          ? null
          : { ...stored, incoming: null, ingestedMs: Number.NaN, late: null },
        deletedMs: null,
        wasDeleted: this.#options.prior.tombstones.has(key),
      };
      this.#toots.set(key, toot);
    }
    return toot;
  }

  #uriOwner(uri: string): string | null {
    const owner = this.#uriOwners.get(uri);
    return owner !== undefined ? owner : this.#options.prior.uriOwners.get(uri) ?? null;
  }

  changes(counts: readonly EventCounts[]): BatchChanges {
    const inserts: TootRow[] = [];
    const updates: TootRow[] = [];
    const removals: TootId[] = [];
    const unscored: TootId[] = [];
    const tombstones: (TootId & { deletedMs: number })[] = [];
    const lateEvents: LateEvent[] = [];
    const deltas = new WindowDeltas(this.#options.windowMs);
    for (const { instance, id, stored, current, deletedMs } of this.#toots.values()) {
      if (deletedMs !== null) tombstones.push({ instance, id, deletedMs });
      if (current !== null && current.incoming === null) continue;
      if (stored !== null && !stored.isLate) deltas.add(stored, -1);
      if (current === null || current.incoming === null) {
        if (stored !== null) removals.push({ instance, id });
        continue;
      }
      const row = this.#row({ instance, id }, { current, incoming: current.incoming });
      if (!row.isLate) deltas.add(row, 1);
      if (stored === null) {
        inserts.push(row);
        if (current.late !== null) lateEvents.push(current.late);
      } else {
        updates.push(row);
        if (stored.score !== null && row.score === null) unscored.push({ instance, id });
      }
    }
    return {
      inserts,
      updates,
      removals,
      unscored,
      tombstones,
      lateEvents,
      deltas,
      counts,
    };
  }

  #row(
    { instance, id }: TootId,
    { current, incoming }: {
      current: Version;
      incoming: TootEvent;
    },
  ): TootRow {
    const { toot } = incoming;
    return {
      instance,
      id,
      toot,
      createdMs: current.createdMs,
      editedMs: current.editedMs,
      uri: current.uri,
      lang: toot.lang,
      accountId: toot.account_id,
      length: codePoints(toot.text),
      isLate: current.isLate,
      score: toot.text === "" ? null : this.#options.score(toot),
      ingestedMs: current.ingestedMs,
    };
  }
}
