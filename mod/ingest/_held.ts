/**
 * What the live stream brings while what came before it is still being fetched.
 *
 * @module
 */
import { compareIds, laterId } from "../mastodon/status_id.ts";
import type { Entry } from "./outbox.ts";

/** Entries that wait, at most. */
const MAX_HELD = 10_000;

/** Keeps entries in order; if they are too many they go ahead, without the promise to be safe. */
export class Held {
  readonly #startId: string;
  #entries: Entry[] = [];
  #overflowed = false;
  #newestId: string | null = null;
  #floorId: string | null = null;

  /** @param startId where the fill begins that they wait for */
  constructor(startId: string) {
    this.#startId = startId;
  }

  /** The largest id that was brought. */
  get newestId(): string | null {
    return this.#newestId;
  }

  /** The least id beyond the fill's start that was brought: a position beyond it promises too much. */
  get floorId(): string | null {
    return this.#floorId;
  }

  /** Whether some of it had to go ahead of the fill. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  /** The stream has brought a status. */
  saw(id: string): void {
    this.#newestId = laterId(this.#newestId, id);
    if (compareIds(id, this.#startId) <= 0) return;
    if (this.#floorId === null || compareIds(id, this.#floorId) < 0) this.#floorId = id;
  }

  /** Takes an entry; gives those that cannot wait any longer. */
  push(entry: Entry): readonly Entry[] {
    this.#entries.push(entry);
    if (this.#entries.length < MAX_HELD) return [];
    this.#overflowed = true;
    return this.take({ marked: false });
  }

  /** Gives all of it away: `marked` if it may be called safe now. */
  take({ marked }: { marked: boolean }): readonly Entry[] {
    const entries = this.#entries;
    this.#entries = [];
    return marked ? entries : entries.map((entry) => ({ ...entry, onDurable: undefined }));
  }
}
