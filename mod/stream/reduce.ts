/**
 * The heart of the stream: events of one partition + what the database holds of their toots → what
 * to change. Pure, so that any order, any batch size and any crash can be tried in memory.
 *
 * @module
 */
import type { TootEvent } from "../mastodon/wire.ts";
import { codePoints } from "../mastodon/text.ts";
import type { LoggedEvent } from "./decode.ts";
import { WindowDeltas } from "./deltas.ts";
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

/** What one partition's batch came to; each event is counted in exactly one field but `late`. */
export interface EventCounts {
  /** New toots, late ones included. */
  toots: number;
  /** The same version once more. */
  duplicates: number;
  /** A toot that another instance has already brought, by its uri. */
  copies: number;
  /** A newer version of a toot. */
  edits: number;
  /** An older version than the one held. */
  stale: number;
  /** A delete of a toot that was held. */
  deletes: number;
  /** A delete of a toot that was not held: never seen, or deleted before. */
  unknown: number;
  /** An update or edit of a deleted toot. */
  afterDelete: number;
  /** Of `toots`: those whose window had closed. */
  late: number;
  /** Word that an author has opted out. */
  optOuts: number;
  /** Toots that were held and went because their author has opted out; no events of their own. */
  withdrawn: number;
}

/** Counts of nothing. */
export function noEvents(): EventCounts {
  return {
    toots: 0,
    duplicates: 0,
    copies: 0,
    edits: 0,
    stale: 0,
    deletes: 0,
    unknown: 0,
    afterDelete: 0,
    late: 0,
    optOuts: 0,
    withdrawn: 0,
  };
}

/** A toot that missed its window. */
export interface LateEvent extends TootId {
  readonly createdMs: number;
  readonly windowStartMs: number;
  readonly watermarkMs: number;
  readonly offset: number;
  readonly arrivedMs: number;
}

/** Everything that one batch changes. */
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
  readonly counts: EventCounts;
}

/** How a batch is reduced. */
export interface ReduceOptions {
  readonly prior: Prior;
  /** The partition's clock; it is moved on. */
  readonly clock: PartitionClock;
  readonly windowMs: number;
  /** Windows that end at or before this are final, in ms: -Infinity if none. */
  readonly finalUntilMs: number;
  /** Scores a text in a language; null if it is not to be scored. */
  readonly score: (text: string, lang: string) => Score | null;
}

/** A toot while its batch is worked through. */
interface Working extends TootId {
  readonly stored: StoredToot | null;
  current: Version | null;
  deletedMs: number | null;
  readonly wasDeleted: boolean;
}

interface Version {
  readonly editedMs: number | null;
  readonly uri: string;
  readonly isLate: boolean;
  /** Null for the version that the database holds already. */
  readonly incoming: TootEvent | null;
  readonly ingestedMs: number;
  readonly late: LateEvent | null;
}

/**
 * Works through a batch in offset order. Rules: the first arrival of a toot makes it (and decides
 * whether it is late), the newest `edited_at` is kept, a delete outlasts everything.
 */
export function reduceBatch(
  events: readonly LoggedEvent[],
  options: ReduceOptions,
): BatchChanges {
  const run = new Reduction(options);
  for (const event of events) run.take(event);
  return run.changes();
}

class Reduction {
  readonly #options: ReduceOptions;
  readonly #toots = new Map<string, Working>();
  readonly #uriOwners = new Map<string, string | null>();
  readonly #counts: EventCounts = noEvents();

  constructor(options: ReduceOptions) {
    this.#options = options;
  }

  take(logged: LoggedEvent): void {
    const { event, withdrawn = false } = logged;
    if (event.type === "opt_out") {
      this.#counts.optOuts++;
      return;
    }
    const key = keyOf(event);
    const toot = this.#working(key, event);
    if (withdrawn) this.#withdraw(toot, logged);
    else if (event.type === "delete") this.#delete(toot, logged);
    else this.#upsert(toot, { key, logged, event });
  }

  /** As a delete, and what brings the toot still moves the clock. */
  #withdraw(toot: Working, { event, arrivedMs }: LoggedEvent): void {
    if ("toot" in event) {
      this.#options.clock.observe(Date.parse(event.toot.created_at));
      this.#counts.afterDelete++;
    }
    if (toot.current !== null) {
      this.#counts.withdrawn++;
      this.#uriOwners.set(toot.current.uri, null);
      toot.current = null;
    }
    if (!toot.wasDeleted) toot.deletedMs ??= arrivedMs;
  }

  #delete(toot: Working, { arrivedMs }: LoggedEvent): void {
    if (toot.current === null) {
      this.#counts.unknown++;
    } else {
      this.#counts.deletes++;
      this.#uriOwners.set(toot.current.uri, null);
      toot.current = null;
    }
    if (!toot.wasDeleted) toot.deletedMs ??= arrivedMs;
  }

  #upsert(
    toot: Working,
    { key, logged, event }: {
      key: string;
      logged: LoggedEvent;
      event: TootEvent;
    },
  ): void {
    const { clock } = this.#options;
    const createdMs = Date.parse(event.toot.created_at);
    const editedMs = event.toot.edited_at === null ? null : Date.parse(event.toot.edited_at);
    const watermarkMs = clock.watermark;
    // Observed whatever becomes of the event: the clock is a fact of the log alone.
    clock.observe(createdMs);
    if (toot.wasDeleted || toot.deletedMs !== null) {
      this.#counts.afterDelete++;
      return;
    }
    const held = toot.current;
    if (held === null) {
      const owner = this.#uriOwner(event.toot.uri);
      if (owner !== null && owner !== key) {
        this.#counts.copies++;
        return;
      }
      const late = this.#lateness(event, { logged, createdMs, watermarkMs });
      this.#counts.toots++;
      if (late !== null) this.#counts.late++;
      this.#uriOwners.set(event.toot.uri, key);
      toot.current = {
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
      this.#counts.edits++;
      toot.current = { ...held, editedMs, incoming: event };
    } else if (newer < 0) {
      this.#counts.stale++;
    } else {
      // Also where both are -Infinity: their difference is NaN.
      this.#counts.duplicates++;
    }
  }

  #lateness(
    id: TootId,
    { logged, createdMs, watermarkMs }: {
      logged: LoggedEvent;
      createdMs: number;
      watermarkMs: number;
    },
  ): LateEvent | null {
    const { windowMs, finalUntilMs } = this.#options;
    const windowStartMs = windowStart(createdMs, windowMs);
    const closedUntil = Math.max(watermarkMs, finalUntilMs);
    if (windowStartMs + windowMs > closedUntil) return null;
    return {
      instance: id.instance,
      id: id.id,
      createdMs,
      windowStartMs,
      watermarkMs: closedUntil,
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

  changes(): BatchChanges {
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
      counts: this.#counts,
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
      createdMs: Date.parse(toot.created_at),
      editedMs: current.editedMs,
      uri: current.uri,
      lang: toot.lang,
      accountId: toot.account_id,
      length: codePoints(toot.text),
      isLate: current.isLate,
      score: toot.text === "" ? null : this.#options.score(toot.text, toot.lang),
      ingestedMs: current.ingestedMs,
    };
  }
}
