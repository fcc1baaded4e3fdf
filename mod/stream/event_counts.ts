/**
 * What one partition's batch came to.
 *
 * @module
 */

/** Each event is counted in exactly one field but `late`. */
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
