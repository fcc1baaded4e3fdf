/**
 * What the ledger counts, and what each count means.
 *
 * @module
 */

/**
 * Why a frame cannot be used:
 *
 * - `bad_frame`: a text frame that is not a JSON object with an `event` of type string;
 * - `binary_frame`: bytes where the protocol has text;
 * - `unknown_event`: an event name that Mastodon's documentation does not list;
 * - `payload_not_json`: an update or edit whose payload is missing or not JSON;
 * - `not_a_status`: JSON that is no object, or lacks `account.id`, `content` or `visibility`;
 * - `bad_id`: no id, or not 1 to 19 decimal digits up to 2^63 - 1, in a status or a delete;
 * - `bad_date`: `created_at` or a non-null `edited_at` is missing or not an ISO 8601 instant;
 * - `too_large`: an update's or edit's payload is longer than `maxPayload`.
 *
 * Checked in this order, except that `too_large` comes before anything else about the payload.
 */
export type MalformedReason =
  | "bad_frame"
  | "binary_frame"
  | "unknown_event"
  | "payload_not_json"
  | "not_a_status"
  | "bad_id"
  | "bad_date"
  | "too_large";

/**
 * Counts of frames. Every frame is in exactly one of those marked †, so they add up to `frames`.
 * Judged in this order: malformed, boost, not public, opted out, future-dated, tombstone, version.
 */
export interface LedgerCounts {
  /** Frames recorded. */
  readonly frames: number;
  /** † First arrivals of a status that counts as a toot: each makes a row. */
  readonly originals: number;
  /** Of `originals`: those that came as an edit (`edited_at` set). */
  readonly originalsByEdit: number;
  /** Of `originals`: late on arrival, by the rule in {@linkcode import("./ledger.ts").Ledger}. */
  readonly late: number;
  /** † A stored status in the version that is stored already (equal `edited_at`). */
  readonly duplicates: number;
  /** † A stored status in a newer version: replaces the row. */
  readonly edits: number;
  /** † A stored status in an older version: changes nothing. */
  readonly staleVersions: number;
  /** † An update or edit of a status whose delete came first: kept out by the tombstone. */
  readonly keptOut: number;
  /** † Deletes that removed a row. */
  readonly deletes: number;
  /** † Deletes of what is neither stored nor deleted: each leaves a tombstone. */
  readonly deletesOfUnknown: number;
  /** † Deletes of what has a tombstone already. */
  readonly repeatedDeletes: number;
  /** † Updates and edits with `reblog` set. */
  readonly boosts: number;
  /** † Updates and edits whose visibility is not `public`. */
  readonly notPublic: number;
  /** † Updates and edits whose author's account says no at that moment. */
  readonly optedOut: number;
  /** † Updates and edits dated more than 5 min after arrival. */
  readonly futureDated: number;
  /** † Known events that carry no status or id, such as `filters_changed`. */
  readonly ignored: number;
  /** † In-band errors, `{"error":…}`. */
  readonly errorFrames: number;
  /** † The sum of `malformed`. */
  readonly malformedTotal: number;
  readonly malformed: Readonly<Record<MalformedReason, number>>;
}

/** A toot that should be stored in the end. */
export interface ExpectedToot {
  readonly id: string;
  /** The newest version's `created_at`, in ms since the epoch. */
  readonly createdAt: number;
  /** The newest version's `edited_at`, in ms since the epoch, or `null`. */
  readonly editedAt: number | null;
  readonly language: string | null;
  readonly accountId: string;
  /** Whether the status was late when it first arrived; edits don't change that. */
  readonly late: boolean;
  /** The newest version's JSON text, or an empty string if payloads are not kept. */
  readonly payload: string;
}

/** A fault that was injected. */
export interface FiredFault {
  /** The fault's kind, such as `cut`. */
  readonly kind: string;
  /** How many frames of the source had been played when it fired. */
  readonly atFrame: number;
  /** How many connections it hit. */
  readonly connections: number;
}

/** How the ledger judges. */
export interface LedgerOptions {
  /** @default "respect" */
  readonly consent?: "respect" | "strict";
  /** Window length in ms. @default 60_000 */
  readonly windowMs?: number;
  /** Grace in ms. @default 30_000 */
  readonly graceMs?: number;
  /**
   * The partition of a status id: lateness is a fact of the partition. The generator's streams give
   * the same lateness for every partitioning; a recorded file may not. @default one partition
   */
  readonly partitionOf?: (id: string) => number;
  /**
   * Payloads of more UTF-16 units are `too_large`: a record of Kafka holds about 1 MB unless told
   * otherwise. @default 1_000_000
   */
  readonly maxPayload?: number;
  /** The time of arrival, in ms. @default Date.now */
  readonly now?: () => number;
  /** Whether {@linkcode ExpectedToot.payload} is kept: about 2 KB per toot. @default true */
  readonly keepPayloads?: boolean;
}
