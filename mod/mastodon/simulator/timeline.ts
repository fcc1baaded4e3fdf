/**
 * The instance's public timeline and its paging, as Mastodon's REST API has them.
 *
 * @module
 */
import type { SimulatorFrame } from "./frames.ts";

interface Entry {
  readonly id: string;
  readonly payload: string;
  readonly editedAt: string | null;
  readonly local: boolean;
  readonly media: boolean;
}

/** A query of `GET /api/v1/timelines/public`; ids are decimal text. */
export interface TimelineQuery {
  /** Only younger ones, oldest of them first chosen: pages forward. */
  readonly min_id?: string | null;
  /** Only younger ones, newest first chosen: leaves a hole if there are more than `limit`. */
  readonly since_id?: string | null;
  /** Only older ones. */
  readonly max_id?: string | null;
  /** As sent; 20 if absent, 40 at most, as in Mastodon. */
  readonly limit?: string | null;
  readonly local?: boolean;
  readonly remote?: boolean;
  readonly onlyMedia?: boolean;
}

/** Statuses to return, newest first. */
export interface TimelinePage {
  readonly ids: readonly string[];
  /** JSON texts, in the same order. */
  readonly payloads: readonly string[];
}

const DEFAULT_LIMIT = 20;

/**
 * Public originals, newest version each, without what was deleted; the oldest are dropped when it
 * holds more than its capacity.
 *
 * @example
 * ```ts
 * import { generatorSource } from "./generator.ts";
 * import { Timeline } from "./timeline.ts";
 * const timeline = new Timeline(1000);
 * for (const frame of generatorSource({ events: 100 }).frames()) timeline.apply(frame);
 * if (timeline.page({ limit: "5" }).ids.length !== 5) throw new Error("expected 5");
 * ```
 */
export class Timeline {
  readonly #capacity: number;
  readonly #entries: Entry[] = [];
  readonly #deleted = new Set<string>();

  /** @param capacity How many statuses it holds at most. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** How many statuses it holds. */
  get size(): number {
    return this.#entries.length;
  }

  /** Does what the frame tells of. */
  apply(frame: SimulatorFrame): void {
    const { event, statusId, payload, status } = frame;
    if (event === "delete" && statusId !== null) {
      this.#deleted.add(statusId);
      const place = this.#place(statusId);
      if (this.#entries[place]?.id === statusId) this.#entries.splice(place, 1);
      return;
    }
    if (status === undefined || payload === null || this.#deleted.has(status.id)) return;
    if (status.visibility !== "public" || status.reblog !== null) return;
    const place = this.#place(status.id);
    const stored = this.#entries[place];
    const known = stored !== undefined && stored.id === status.id;
    if (known && (stored.editedAt ?? "") >= (status.edited_at ?? "")) return;
    const entry: Entry = {
      id: status.id,
      payload,
      editedAt: status.edited_at,
      local: !status.account.acct.includes("@"),
      media: status.media_attachments.length > 0,
    };
    this.#entries.splice(place, known ? 1 : 0, entry);
    // Trimmed a tenth at a time, so that a full timeline does not move its whole array each time.
    if (this.#entries.length > this.#capacity * 1.1) {
      this.#entries.splice(0, this.#entries.length - this.#capacity);
    }
  }

  /**
   * A page of it: as `Paginable` in Mastodon, `min_id` takes the oldest after it, anything else
   * the newest; both come newest first.
   */
  page(query: TimelineQuery): TimelinePage {
    const limit = query.limit === null || query.limit === undefined
      ? DEFAULT_LIMIT
      : Math.min(2 * DEFAULT_LIMIT, Math.abs(toInteger(query.limit)));
    const forward = isGiven(query.min_id);
    const lower = forward ? query.min_id : query.since_id;
    const from = isGiven(lower) ? this.#after(lower) : 0;
    const to = isGiven(query.max_id) ? this.#place(toId(query.max_id)) : this.#entries.length;
    const found: Entry[] = [];
    for (let i = forward ? from : to - 1; forward ? i < to : i >= from; i += forward ? 1 : -1) {
      if (found.length >= limit) break;
      const entry = this.#entries[i];
      if (entry !== undefined && fits(entry, query)) found.push(entry);
    }
    if (forward) found.reverse();
    return { ids: found.map(({ id }) => id), payloads: found.map(({ payload }) => payload) };
  }

  /** Where the first entry that is not older than the id stands. */
  #place(id: string): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isOlder(this.#entries[middle]?.id ?? "", id)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #after(text: string): number {
    const id = toId(text);
    const place = this.#place(id);
    return this.#entries[place]?.id === id ? place + 1 : place;
  }
}

/** Orders ids as numbers without making them numbers. */
function isOlder(a: string, b: string): boolean {
  return a.length !== b.length ? a.length < b.length : a < b;
}

function isGiven(id: string | null | undefined): id is string {
  return id !== null && id !== undefined && id !== "";
}

/** Text that is no id counts as 0, as Rails casts it. */
function toId(text: string): string {
  return (/^\d+/.exec(text.trim())?.[0] ?? "0").replace(/^0+(?=\d)/, "");
}

function toInteger(text: string): number {
  const number = Number.parseInt(text, 10);
  return Number.isNaN(number) ? 0 : number;
}

function fits(entry: Entry, query: TimelineQuery): boolean {
  if (query.local === true && !entry.local) return false;
  if (query.remote === true && entry.local) return false;
  return query.onlyMedia !== true || entry.media;
}
