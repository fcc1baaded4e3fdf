/**
 * What the stream knows of a toot, and what the toot adds to the windows.
 *
 * @module
 */
import type { Toot } from "../mastodon/wire.ts";
import type { Label } from "../sentiment/scorer.ts";

/** A toot's identity: ids are an instance's own. */
export interface TootId {
  readonly instance: string;
  /** Decimal, up to 63 bits. */
  readonly id: string;
}

/** A prediction, as it was made and stored. */
export interface Score {
  /** The language that it was scored in. */
  readonly lang: string;
  /** Probability of positive, rounded to 6 decimals. */
  readonly probability: number;
  readonly label: Label;
}

/** What a toot adds to the windows of its minute. */
export interface Contribution {
  /** Event time, in ms. */
  readonly createdMs: number;
  readonly lang: string;
  readonly accountId: string;
  /** Length in code points. */
  readonly length: number;
  readonly score: Score | null;
}

/** A toot as the database holds it. */
export interface StoredToot extends Contribution {
  readonly editedMs: number | null;
  readonly uri: string;
  /** Late toots stand in no window. */
  readonly isLate: boolean;
}

/** A toot to be written. */
export interface TootRow extends TootId, StoredToot {
  readonly toot: Toot;
  /** When its record reached the log, in ms. */
  readonly ingestedMs: number;
}

/** One text for an identity, to be the key of a Map: no host name holds a space. */
export function keyOf({ instance, id }: TootId): string {
  return `${instance} ${id}`;
}
