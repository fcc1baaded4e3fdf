/**
 * Tumbling event-time windows and the watermark of one partition. All times are ms since the epoch.
 *
 * @module
 */

/**
 * Start of the window that holds `time`: windows are [start, start + size), aligned to the epoch,
 * so to UTC.
 *
 * @example
 * ```ts
 * import { windowStart } from "./window.ts";
 * if (windowStart(119_999, 60_000) !== 60_000 || windowStart(-1, 60_000) !== -60_000) throw new Error();
 * ```
 */
export function windowStart(time: number, sizeMs: number): number {
  return Math.floor(time / sizeMs) * sizeMs;
}

/**
 * The event-time clock of one partition. Its watermark is the newest event time seen less the
 * grace; both depend on the log alone, never on the wall clock, so every replay agrees.
 * Source: Akidau et al., The Dataflow Model (VLDB 2015); explicit grace as in Kafka's KIP-633.
 *
 * @example
 * ```ts
 * import { PartitionClock } from "./window.ts";
 * const clock = new PartitionClock({ graceMs: 30_000, maxEventTime: null });
 * clock.observe(200_000);
 * if (clock.watermark !== 170_000) throw new Error();
 * ```
 */
export class PartitionClock {
  readonly #graceMs: number;
  #maxEventTime: number;

  constructor({ graceMs, maxEventTime }: { graceMs: number; maxEventTime: number | null }) {
    this.#graceMs = graceMs;
    this.#maxEventTime = maxEventTime ?? -Infinity;
  }

  /** The newest event time seen; null before the first. */
  get maxEventTime(): number | null {
    return this.#maxEventTime === -Infinity ? null : this.#maxEventTime;
  }

  /** No event at or before this time is expected any more; -Infinity before the first event. */
  get watermark(): number {
    return this.#maxEventTime - this.#graceMs;
  }

  /** Takes note of an event. */
  observe(eventTime: number): void {
    if (eventTime > this.#maxEventTime) this.#maxEventTime = eventTime;
  }
}

/** What is known of a partition when the whole watermark is taken. */
export interface PartitionTime {
  /** The partition's watermark; null if it has had no event. */
  readonly watermark: number | null;
  /** Silent for so long that it no longer holds the others back. */
  readonly isIdle: boolean;
}

/**
 * The watermark of a whole topic: the least of its active partitions; of all of them the greatest
 * once every one is idle, since then nothing that holds windows open is on its way. -Infinity while
 * an active partition has had no event.
 *
 * @example
 * ```ts
 * import { wholeWatermark } from "./window.ts";
 * const busy = { watermark: 90, isIdle: false };
 * if (wholeWatermark([busy, { watermark: 50, isIdle: true }]) !== 90) throw new Error();
 * ```
 */
export function wholeWatermark(partitions: readonly PartitionTime[]): number {
  const active = partitions.filter((p) => !p.isIdle);
  const marks = (list: readonly PartitionTime[]) => list.map((p) => p.watermark ?? -Infinity);
  if (active.length > 0) return Math.min(...marks(active));
  return Math.max(-Infinity, ...marks(partitions));
}
