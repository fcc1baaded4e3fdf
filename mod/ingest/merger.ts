/**
 * Many sources, one log: lets each version of each toot through once, whichever connection,
 * backfill or instance brings it first.
 *
 * @module
 */
import { idTimeMs } from "../mastodon/status_id.ts";
import type { WireEvent } from "../mastodon/wire.ts";
import { RecentMap } from "./recent.ts";

/** Why the merger keeps an event out of the log. */
export type KeptOut =
  /** The same version of the same toot from the same instance. */
  | "duplicate"
  /** The same version from another instance. */
  | "copy"
  /** Its author has opted out, as another instance knows already. */
  | "opted_out";

/** What to write for an event: nothing, with the reason, or the events themselves. */
export type Merged =
  | { readonly kind: "keep"; readonly events: readonly WireEvent[] }
  | { readonly kind: "drop"; readonly reason: KeptOut };

/** Who holds a toot in the log. */
interface Owner {
  readonly instance: string;
  readonly id: string;
}

/** Which instance told of an opt-out, and the date of the status that did, in ms. */
interface OptedOut {
  readonly instance: string;
  readonly atMs: number;
}

/** Versions that are remembered: an hour of a large instance. */
const CAPACITY = 100_000;

/** Remembers what has gone to the log lately. It is a filter, not a judge: tables judge again. */
export class Merger {
  /** `instance id version` → nothing more. */
  readonly #versions: RecentMap<true>;
  /** `uri version` → nothing more. */
  readonly #uriVersions: RecentMap<true>;
  /** uri → under which identity the log has it. */
  readonly #owners: RecentMap<Owner>;
  /** `instance id` of a copy → whose copy it is. */
  readonly #aliases: RecentMap<Owner>;
  /** Authors who have opted out → who said so, and when. */
  readonly #optedOut: RecentMap<OptedOut>;

  /** @param instances how many are followed: with one there are no copies to look for */
  constructor({ instances = 1, capacity = CAPACITY }: {
    instances?: number;
    capacity?: number;
  } = {}) {
    this.#versions = new RecentMap(capacity);
    this.#uriVersions = new RecentMap(instances > 1 ? capacity : 1);
    this.#owners = new RecentMap(instances > 1 ? capacity : 1);
    this.#aliases = new RecentMap(instances > 1 ? capacity : 1);
    this.#optedOut = new RecentMap(capacity);
  }

  /** Decides on an event, and takes it as written if it is kept. */
  take(event: WireEvent): Merged {
    if (event.type === "delete") return this.#delete(event);
    if (event.type === "opt_out") return { kind: "keep", events: [event] };
    const { account_id: author, uri, edited_at: edited } = event.toot;
    const told = this.#optedOut.get(author);
    if (told !== undefined) {
      // An instance may know an old bio, and a status may come late: only a newer one from where the
      // opt-out was told of can take it back.
      const isNewer = Date.parse(edited ?? event.toot.created_at) > told.atMs;
      if (told.instance !== event.instance || !isNewer) return drop("opted_out");
      this.#optedOut.delete(author);
    }
    if (this.#versions.get(versionKey(event, edited)) !== undefined) return drop("duplicate");
    const owner = this.#owners.get(uri);
    const isCopy = owner !== undefined && owner.instance !== event.instance;
    if (isCopy) {
      this.#versions.set(versionKey(event, edited), true);
      this.#aliases.set(idKey(event), owner);
      if (this.#uriVersions.get(`${uri} ${edited}`) !== undefined) return drop("copy");
    }
    const written = isCopy ? { ...event, ...owner } : event;
    this.remember(written);
    return { kind: "keep", events: [written] };
  }

  /**
   * An author who has opted out was seen. True once for each: then what is stored must go, too.
   */
  optOut({ accountId, instance, atMs }: OptedOut & { accountId: string }): boolean {
    const told = this.#optedOut.get(accountId);
    if (told !== undefined && told.instance !== instance) return false;
    this.#optedOut.set(accountId, { instance, atMs: Math.max(atMs, told?.atMs ?? 0) });
    return told === undefined;
  }

  /** A status that cannot be used was seen. True once for each of an instance's ids. */
  refuse({ instance, id }: { instance: string; id: string }): boolean {
    const key = versionKey({ instance, id }, "refused");
    if (this.#versions.get(key) !== undefined) return false;
    this.#versions.set(key, true);
    return true;
  }

  /** Takes an event as written, without deciding on it: for what the log holds already. */
  remember(event: WireEvent): void {
    if (event.type === "opt_out") {
      const { account_id, instance, id } = event;
      this.#optedOut.set(account_id, { instance, atMs: idTimeMs(id) ?? 0 });
    } else if (event.type === "delete") {
      this.#versions.set(versionKey(event, "deleted"), true);
    } else {
      const { uri, edited_at: edited } = event.toot;
      this.#versions.set(versionKey(event, edited), true);
      this.#uriVersions.set(`${uri} ${edited}`, true);
      this.#owners.set(uri, { instance: event.instance, id: event.id });
    }
  }

  #delete(event: Extract<WireEvent, { type: "delete" }>): Merged {
    const events: WireEvent[] = [];
    const owner = this.#aliases.get(idKey(event));
    // A copy's delete is the toot's: the instance that the log has it from may be away.
    for (const one of owner === undefined ? [event] : [event, { ...event, ...owner }]) {
      if (this.#versions.get(versionKey(one, "deleted")) !== undefined) continue;
      this.remember(one);
      events.push(one);
    }
    return events.length === 0 ? drop("duplicate") : { kind: "keep", events };
  }
}

function idKey({ instance, id }: Owner): string {
  return `${instance} ${id}`;
}

function versionKey(owner: Owner, version: string | null): string {
  return `${idKey(owner)} ${version ?? ""}`;
}

function drop(reason: KeptOut): Merged {
  return { kind: "drop", reason };
}
