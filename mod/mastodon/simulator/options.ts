/**
 * The generator's options: how much, when, and how often each kind of event happens.
 *
 * @module
 */

/**
 * How often each kind happens: a share of the new statuses, in [0, 1]. What can only happen to a
 * plain toot (edits, deletes, duplicates) is a share of the plain toots.
 */
export interface GeneratorRates {
  /** Updates that arrive behind a younger one, by 1 to 25 s: within the grace. */
  readonly stragglers: number;
  /** Toots at least an hour behind: late however the log is partitioned. */
  readonly late: number;
  /** Toots dated in the year 2100. */
  readonly futureDated: number;
  readonly boosts: number;
  /** Unlisted, private and direct statuses. */
  readonly notPublic: number;
  /** Statuses of authors who opted out. */
  readonly optedOut: number;
  /** Toots with hostile HTML or text; still toots. */
  readonly hostile: number;
  /** Toots without text. */
  readonly mediaOnly: number;
  /** Toots that answer an earlier one. */
  readonly replies: number;
  readonly polls: number;
  readonly edits: number;
  /** Edits that overtake their own update. */
  readonly editsFirst: number;
  readonly deletes: number;
  /** Deletes that overtake their own update. */
  readonly deletesFirst: number;
  /** Toots whose update comes once more after the delete. */
  readonly updatesAfterDelete: number;
  /** Exact second copies of an update. */
  readonly duplicates: number;
  /** Of the edited toots: how many are sent once more in an older version. */
  readonly staleReplays: number;
  /** Of the deleted toots: how many are deleted again. */
  readonly repeatedDeletes: number;
  /** Deletes of statuses never seen. */
  readonly deletesOfUnknown: number;
  /** Frames that cannot be used: broken JSON, missing or bad fields, unknown events, bytes. */
  readonly malformed: number;
  /** Events that carry no status, such as `filters_changed`. */
  readonly ignored: number;
}

/** What {@linkcode import("./generator.ts").generatorSource} takes. */
export interface GeneratorOptions {
  /** @default 42 */
  readonly seed?: number;
  /** How many frames to send in all. @default 6000 */
  readonly events?: number;
  /** When the simulated time starts: anything `Date.parse` takes. @default "2026-01-05T00:00:00Z" */
  readonly start?: string;
  /** How much simulated time the events are spread over. @default 3 */
  readonly days?: number;
  /** How many people post. @default 160 */
  readonly authors?: number;
  /** Authors whose bio gains `#nobot` halfway through: at most half of them. @default 0 */
  readonly laterOptOuts?: number;
  /** How many statuses are as big as `hugeBytes`. @default 1 */
  readonly hugeStatuses?: number;
  /** Length of a huge status's text in bytes. @default 5_242_880 */
  readonly hugeBytes?: number;
  /**
   * How many ordinary toots come before the first late one, and lie between a late one and the
   * event time that makes it late: by then every partition has a watermark that high. 300 toots
   * leave one of 8 partitions untouched with probability 8 × (7/8)^300 < 1e-16. @default 300
   */
  readonly lateAfter?: number;
  /** Name of the simulated instance. @default "pulse.example" */
  readonly domain?: string;
  readonly rates?: Partial<GeneratorRates>;
}

/** The options with every default filled in, `start` in ms. */
export interface ResolvedGeneratorOptions {
  readonly seed: number;
  readonly events: number;
  readonly start: number;
  readonly days: number;
  readonly authors: number;
  readonly laterOptOuts: number;
  readonly hugeStatuses: number;
  readonly hugeBytes: number;
  readonly lateAfter: number;
  readonly domain: string;
  readonly rates: GeneratorRates;
}

/** The rates used where the options are silent: chosen so that 6,000 events show every kind. */
export const DEFAULT_RATES: GeneratorRates = {
  stragglers: 0.08,
  late: 0.015,
  futureDated: 0.003,
  boosts: 0.02,
  notPublic: 0.01,
  optedOut: 0.03,
  hostile: 0.012,
  mediaOnly: 0.03,
  replies: 0.2,
  polls: 0.01,
  edits: 0.04,
  editsFirst: 0.01,
  deletes: 0.03,
  deletesFirst: 0.01,
  updatesAfterDelete: 0.003,
  duplicates: 0.025,
  staleReplays: 0.15,
  repeatedDeletes: 0.1,
  deletesOfUnknown: 0.01,
  malformed: 0.015,
  ignored: 0.002,
};

/**
 * Fills in the defaults and checks the values.
 *
 * @throws {RangeError} If a value is out of range; the message names it.
 * @example
 * ```ts
 * import { resolveOptions } from "./options.ts";
 * const options = resolveOptions({ events: 100, rates: { edits: 0.5 } });
 * if (options.rates.edits !== 0.5 || options.days !== 3) throw new Error("unexpected options");
 * ```
 */
export function resolveOptions(options: GeneratorOptions = {}): ResolvedGeneratorOptions {
  const { start = "2026-01-05T00:00:00Z", rates, ...rest } = options;
  const resolved = {
    seed: 42,
    events: 6000,
    days: 3,
    authors: 160,
    laterOptOuts: 0,
    hugeStatuses: 1,
    hugeBytes: 5 * 1024 * 1024,
    lateAfter: 300,
    domain: "pulse.example",
    ...rest,
    start: Date.parse(start),
    rates: { ...DEFAULT_RATES, ...rates },
  };
  checkWhole("seed", resolved.seed, { low: 0, high: Number.MAX_SAFE_INTEGER });
  checkWhole("events", resolved.events, { low: 0, high: 1e9 });
  checkWhole("authors", resolved.authors, { low: 20, high: 100_000 });
  checkWhole("laterOptOuts", resolved.laterOptOuts, { low: 0, high: resolved.authors });
  checkWhole("hugeStatuses", resolved.hugeStatuses, { low: 0, high: 1e6 });
  checkWhole("hugeBytes", resolved.hugeBytes, { low: 1, high: 64 * 1024 * 1024 });
  checkWhole("lateAfter", resolved.lateAfter, { low: 1, high: 1e6 });
  if (!(resolved.days >= 1 / 24 && resolved.days <= 3660)) {
    throw new RangeError(`Cannot generate ${resolved.days} days: give 1/24 to 3660`);
  }
  if (!(resolved.start >= Date.parse("2017-01-01") && resolved.start <= Date.parse("2090-01-01"))) {
    throw new RangeError(`Cannot start at "${start}": give a date from 2017 to 2089`);
  }
  for (const [name, rate] of Object.entries(resolved.rates)) {
    if (!(rate >= 0 && rate <= 1)) {
      throw new RangeError(`Cannot use rate ${name} = ${rate}: give a share from 0 to 1`);
    }
  }
  return resolved;
}

function checkWhole(name: string, value: number, range: { low: number; high: number }): void {
  if (!Number.isSafeInteger(value) || value < range.low || value > range.high) {
    throw new RangeError(
      `Cannot use ${name} = ${value}: give a whole number from ${range.low} to ${range.high}`,
    );
  }
}
