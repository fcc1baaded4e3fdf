/**
 * The simulator's books: what was sent, and what a correct pipeline makes of it.
 *
 * @module
 */
import { judge, type JudgedStatus } from "./_judge.ts";
import type { FrameKind, SimulatorFrame } from "./frames.ts";
import type {
  ExpectedToot,
  FiredFault,
  LedgerCounts,
  LedgerOptions,
  MalformedReason,
} from "./ledger_types.ts";

/** An event dated further than this after its arrival is refused (design: 5 min). */
const FUTURE_MS = 5 * 60_000;

type Counter = Exclude<keyof LedgerCounts, "malformed" | "malformedTotal">;

/**
 * Records frames in the order in which they were sent and keeps what should come of them, by rules
 * written here once more and not shared with the pipeline.
 *
 * Lateness: a status is late if, when it first arrives, its window's end (`created_at` rounded down
 * to the window, plus the window) lies at or before its partition's watermark: the largest
 * `created_at` of the toots, versions and kept-out updates recorded before in that partition, minus
 * the grace. Boosts, non-public, opted-out and future-dated statuses don't move the watermark.
 *
 * @example
 * ```ts
 * import { generatorSource } from "./generator.ts";
 * import { Ledger } from "./ledger.ts";
 * const ledger = new Ledger();
 * for (const frame of generatorSource({ events: 200 }).frames()) ledger.record(frame);
 * const { originals, deletes } = ledger.counts;
 * if (ledger.expected.size !== originals - deletes) throw new Error("books don't balance");
 * ```
 */
export class Ledger {
  readonly #options: Required<LedgerOptions>;
  readonly #counts = new Map<Counter, number>();
  readonly #malformed: Record<MalformedReason, number> = {
    bad_frame: 0,
    binary_frame: 0,
    unknown_event: 0,
    payload_not_json: 0,
    not_a_status: 0,
    bad_id: 0,
    bad_date: 0,
    too_large: 0,
  };
  readonly #kinds = new Map<FrameKind, number>();
  readonly #expected = new Map<string, ExpectedToot>();
  readonly #tombstones = new Set<string>();
  readonly #optedOutAuthors = new Set<string>();
  readonly #newest = new Map<number, number>();
  readonly #faults: FiredFault[] = [];

  constructor(options: LedgerOptions = {}) {
    this.#options = {
      consent: "respect",
      windowMs: 60_000,
      graceMs: 30_000,
      partitionOf: () => 0,
      maxPayload: 1_000_000,
      now: Date.now,
      keepPayloads: true,
      ...options,
    };
  }

  /** The counts as of now. */
  get counts(): LedgerCounts {
    const count = (name: Counter) => this.#counts.get(name) ?? 0;
    return {
      frames: count("frames"),
      originals: count("originals"),
      originalsByEdit: count("originalsByEdit"),
      late: count("late"),
      duplicates: count("duplicates"),
      edits: count("edits"),
      staleVersions: count("staleVersions"),
      keptOut: count("keptOut"),
      deletes: count("deletes"),
      deletesOfUnknown: count("deletesOfUnknown"),
      repeatedDeletes: count("repeatedDeletes"),
      boosts: count("boosts"),
      notPublic: count("notPublic"),
      optedOut: count("optedOut"),
      futureDated: count("futureDated"),
      ignored: count("ignored"),
      errorFrames: count("errorFrames"),
      malformedTotal: Object.values(this.#malformed).reduce((sum, n) => sum + n, 0),
      malformed: { ...this.#malformed },
    };
  }

  /** The toots that should be stored, by id, in order of first arrival. */
  get expected(): ReadonlyMap<string, ExpectedToot> {
    return this.#expected;
  }

  /** The ids that should have a tombstone. */
  get tombstones(): ReadonlySet<string> {
    return this.#tombstones;
  }

  /** Ids of the accounts seen with an opt-out, whenever that was. */
  get optedOutAuthors(): ReadonlySet<string> {
    return this.#optedOutAuthors;
  }

  /** How many frames of each kind the source meant to send; not used for the counts. */
  get kinds(): ReadonlyMap<FrameKind, number> {
    return this.#kinds;
  }

  /** The faults that fired, in order. */
  get faults(): readonly FiredFault[] {
    return this.#faults;
  }

  /** Records a frame as sent. */
  record(frame: SimulatorFrame): void {
    this.#kinds.set(frame.kind, (this.#kinds.get(frame.kind) ?? 0) + 1);
    this.recordMessage(frame);
  }

  /** Records a message that no source made, such as an injected error. */
  recordMessage(message: Pick<SimulatorFrame, "event" | "payload" | "raw">): void {
    this.#count("frames");
    const judged = judge(message, this.#options);
    switch (judged.type) {
      case "malformed":
        this.#malformed[judged.reason]++;
        break;
      case "ignored":
        this.#count("ignored");
        break;
      case "error":
        this.#count("errorFrames");
        break;
      case "delete":
        this.#delete(judged.id);
        break;
      case "status":
        this.#status(judged);
    }
  }

  /** Records that a fault fired. */
  recordFault(fault: FiredFault): void {
    this.#faults.push(fault);
  }

  /** The counts, kinds and faults, for printing. */
  toJSON(): Record<string, unknown> {
    return {
      ...this.counts,
      expected: this.#expected.size,
      tombstones: this.#tombstones.size,
      kinds: Object.fromEntries(this.#kinds),
      faults: this.#faults,
    };
  }

  #count(name: Counter): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  #delete(id: string): void {
    if (this.#expected.delete(id)) this.#count("deletes");
    else this.#count(this.#tombstones.has(id) ? "repeatedDeletes" : "deletesOfUnknown");
    this.#tombstones.add(id);
  }

  #status(status: JudgedStatus): void {
    if (status.boost) return this.#count("boosts");
    if (!status.isPublic) return this.#count("notPublic");
    if (status.optedOut) {
      this.#optedOutAuthors.add(status.accountId);
      return this.#count("optedOut");
    }
    if (status.createdAt > this.#options.now() + FUTURE_MS) return this.#count("futureDated");
    const late = this.#arrive(status);
    if (this.#tombstones.has(status.id)) return this.#count("keptOut");
    const stored = this.#expected.get(status.id);
    if (stored === undefined) {
      this.#count("originals");
      if (status.editedAt !== null) this.#count("originalsByEdit");
      if (late) this.#count("late");
      return this.#store(status, late);
    }
    const age = (status.editedAt ?? -Infinity) - (stored.editedAt ?? -Infinity);
    // Two unedited versions give NaN: equal.
    if (Number.isNaN(age) || age === 0) return this.#count("duplicates");
    if (age < 0) return this.#count("staleVersions");
    this.#count("edits");
    this.#store(status, stored.late);
  }

  /** Moves the partition's watermark; true if the status came too late for it. */
  #arrive({ id, createdAt }: JudgedStatus): boolean {
    const { windowMs, graceMs } = this.#options;
    const partition = this.#options.partitionOf(id);
    const newest = this.#newest.get(partition) ?? -Infinity;
    this.#newest.set(partition, Math.max(newest, createdAt));
    const windowEnd = (Math.floor(createdAt / windowMs) + 1) * windowMs;
    return windowEnd <= newest - graceMs;
  }

  #store(status: JudgedStatus, late: boolean): void {
    const { id, createdAt, editedAt, language, accountId } = status;
    const payload = this.#options.keepPayloads ? status.payload : "";
    this.#expected.set(id, { id, createdAt, editedAt, language, accountId, late, payload });
  }
}
