/**
 * Keeps positions and gaps in memory and brings them to the database now and then: a database that
 * is away must not stop ingest.
 *
 * @module
 */
import type { Database } from "../db/database.ts";
import { compareIds } from "../mastodon/status_id.ts";
import {
  type Gap,
  type IngestPosition,
  insertGaps,
  saveIngestPositions,
  type SourceId,
} from "./ingest_store.ts";

/** What is remembered while the database is away; more of them than any outage makes. */
const MAX_GAPS = 10_000;

/** See the module. */
export class Bookkeeper {
  readonly #db: Database;
  readonly #onError: (error: unknown) => void;
  readonly #positions = new Map<string, IngestPosition>();
  readonly #changed = new Set<string>();
  #gaps: Gap[] = [];
  #saving: Promise<boolean> | null = null;

  constructor(db: Database, { onError = () => {} }: { onError?: (error: unknown) => void } = {}) {
    this.#db = db;
    this.#onError = onError;
  }

  /** Where a stream stands; null if it was never followed. */
  position(source: SourceId): IngestPosition | null {
    return this.#positions.get(keyOf(source)) ?? null;
  }

  /** Whether a server was ever followed. */
  knows(baseUrl: string): boolean {
    return [...this.#positions.values()].some((position) => position.baseUrl === baseUrl);
  }

  /** Takes over what the database says. */
  load(positions: readonly IngestPosition[]): void {
    for (const position of positions) this.#positions.set(keyOf(position), position);
  }

  /** A stream was heard of, and its statuses up to an id are safe. */
  advance(position: IngestPosition): void {
    const key = keyOf(position);
    const known = this.#positions.get(key);
    const before = known?.lastId ?? null;
    const { lastId } = position;
    const seenMs = Math.max(known?.seenMs ?? 0, position.seenMs);
    const newest = lastId === null || (before !== null && compareIds(before, lastId) > 0)
      ? before
      : lastId;
    this.#positions.set(key, { ...position, lastId: newest, seenMs });
    this.#changed.add(key);
  }

  /** Takes note of a gap. */
  gap(gap: Gap): void {
    if (this.#gaps.length < MAX_GAPS) this.#gaps.push(gap);
  }

  /** Writes what has changed. False if the database took it not: it is tried again next time. */
  async save(): Promise<boolean> {
    while (this.#saving !== null) await this.#saving;
    this.#saving = this.#save().finally(() => this.#saving = null);
    return await this.#saving;
  }

  async #save(): Promise<boolean> {
    const gaps = this.#gaps;
    const keys = [...this.#changed];
    if (gaps.length === 0 && keys.length === 0) return true;
    const positions = keys.flatMap((key) => this.#positions.get(key) ?? []);
    this.#changed.clear();
    this.#gaps = [];
    try {
      await this.#db.transaction(async (tx) => {
        await insertGaps(tx, gaps);
        await saveIngestPositions(tx, positions);
      });
      return true;
    } catch (error) {
      for (const key of keys) this.#changed.add(key);
      this.#gaps = [...gaps, ...this.#gaps];
      this.#onError(error);
      return false;
    }
  }
}

function keyOf({ instance, stream }: SourceId): string {
  return `${instance} ${stream}`;
}
