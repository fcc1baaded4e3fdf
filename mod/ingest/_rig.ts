/**
 * Ingest against a simulator, and the audit of what came of it.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { testDatabase } from "../db/_test_database.ts";
import type { Database } from "../db/database.ts";
import type { LogRecord } from "../log/event_log.ts";
import {
  type Simulator,
  type SimulatorFrame,
  type SimulatorSource,
} from "../mastodon/simulator/mod.ts";
import { decodeEvent } from "../mastodon/wire.ts";
import { MemoryLog } from "./_memory_log.ts";
import { type Gap, readGaps } from "./ingest_store.ts";
import {
  type IngestOptions,
  type IngestOutcome,
  type IngestStatus,
  runIngest,
} from "./run_ingest.ts";
import type { Spool } from "./spool.ts";

/** A source that notes when its frames were played. */
export class TimedSource implements SimulatorSource {
  readonly label: string;
  readonly #source: SimulatorSource;
  /** When each version of each status, and each delete, was played: `id version` → ms. */
  readonly played = new Map<string, number[]>();

  constructor(source: SimulatorSource) {
    this.label = source.label;
    this.#source = source;
  }

  async *frames(): AsyncGenerator<SimulatorFrame> {
    for await (const frame of this.#source.frames()) {
      yield frame;
      // The next frame is asked for once this one is out.
      const { event, statusId, status } = frame;
      const version = event === "delete" ? "deleted" : status?.edited_at ?? "";
      const key = `${statusId} ${version}`;
      this.played.set(key, [...this.played.get(key) ?? [], Date.now()]);
    }
  }
}

/**
 * A source that goes on with what nobody counts until it is told to end: a real server is not silent
 * for long, and silence is a fault.
 */
export class LivelySource extends TimedSource {
  readonly #everyMs: number;
  #ended = false;

  /** @param everyMs time between two frames of the rest */
  constructor(source: SimulatorSource, everyMs: number) {
    super(source);
    this.#everyMs = everyMs;
  }

  /** Ends it after the next frame. */
  end(): void {
    this.#ended = true;
  }

  override async *frames(): AsyncGenerator<SimulatorFrame> {
    let last: SimulatorFrame | null = null;
    for await (const frame of super.frames()) yield last = frame;
    for (let index = (last?.index ?? -1) + 1; !this.#ended; index++) {
      const { at } = last ?? { at: 0 };
      yield { index, at, kind: "ignored", event: "filters_changed", payload: null, statusId: null };
      await new Promise((resolve) => setTimeout(resolve, this.#everyMs));
    }
  }
}

/** What a run of ingest is told, where it is not as usual. */
export type RigOptions = Partial<IngestOptions> & { readonly spool?: Spool | null };

export interface Rig extends AsyncDisposable {
  readonly log: MemoryLog;
  readonly db: Database;
  /** What ingest said, in order. */
  readonly said: string[];
  /** Whether every stream that could be reached is connected and every interruption dealt with. */
  isCaughtUp(): boolean;
  /** Starts ingest; `stop` ends it in good order. */
  start(
    options?: RigOptions,
  ): { stop: () => Promise<IngestOutcome>; ended: Promise<IngestOutcome> };
  gaps(): Promise<Gap[]>;
}

/**
 * A log, a database and quick reactions.
 *
 * @param given a database may be shared by rigs whose servers have different names: `instance` is
 * this one's, and no other's gaps are shown
 */
export async function rig(
  sim: Pick<Simulator, "url" | "token">,
  given: { log?: MemoryLog; db?: Database; instance?: string } = {},
): Promise<Rig> {
  const { log = new MemoryLog() } = given;
  const db = given.db ?? await testDatabase();
  const said: string[] = [];
  const running = new Set<() => Promise<unknown>>();
  let status: IngestStatus | null = null;
  return {
    log,
    db,
    said,
    isCaughtUp() {
      const followed = status?.sources.filter(({ isFollowed }) => isFollowed) ?? [];
      return followed.length > 0 && followed.every(({ counts }) => counts.caughtUp);
    },
    start(options = {}) {
      const stopping = new AbortController();
      status = null;
      const ended = runIngest({
        sources: [{ baseUrl: sim.url, token: sim.token, streams: [{ kind: "public" }] }],
        log,
        db,
        topic: "events",
        errorTopic: "errors",
        rules: { consent: "respect", pseudonym: null, keepRaw: false },
        spool: null,
        say: (level, line) => said.push(`${level}: ${line}`),
        signal: stopping.signal,
        // All of the simulated past, so that late toots are found however late they are.
        overlapMs: 100 * 86_400_000,
        settleMs: 100,
        connectMs: 3000,
        onStatus: (newest) => status = newest,
        random: () => 0.05,
        ...options,
      });
      const stop = async () => {
        stopping.abort();
        running.delete(stop);
        return await ended;
      };
      running.add(stop);
      // A test that fails before it looks must not be ended by this as well.
      ended.catch(() => {});
      return { stop, ended };
    },
    async gaps() {
      const gaps = await readGaps(db, { limit: 10_000 });
      return gaps.filter((gap) => given.instance === undefined || gap.instance === given.instance);
    },
    async [Symbol.asyncDispose]() {
      for (const stop of running) await stop().catch(() => {});
      if (given.db === undefined) await db[Symbol.asyncDispose]();
    },
  };
}

/** What is in the log: each version and delete as `id version`, with how often. */
export function logged(records: readonly LogRecord[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { value } of records) {
    const event = decodeEvent(value);
    if (event.type === "opt_out") continue;
    const version = event.type === "delete" ? "deleted" : event.toot.edited_at ?? "";
    const key = `${event.id} ${version}`;
    found.set(key, (found.get(key) ?? 0) + 1);
  }
  return found;
}

/** How far the clocks of the test may be from what ingest noted, in ms. */
const SLACK_MS = 300;

/**
 * Checks the log against what happened on the server: nothing doubled; every toot that stands at the
 * end is there unless a gap is recorded as open where it was published; every newest version and
 * every delete is there unless an interruption is recorded where it happened.
 */
export async function audit(
  it: { readonly log: { records(): readonly LogRecord[] }; gaps(): Promise<Gap[]> },
  { sim, source }: { sim: Simulator; source: TimedSource },
): Promise<{ missingToots: number; missingChanges: number }> {
  const found = logged(it.log.records());
  for (const [key, times] of found) assertEquals(times, 1, `"${key}" is in the log ${times} times`);
  const gaps = await it.gaps();
  const within = (key: string, list: readonly Gap[]) => {
    const times = source.played.get(key) ?? [];
    return times.length > 0 &&
      times.every((at) =>
        list.some((gap) => at >= startOf(gap, source) && at <= gap.toMs + SLACK_MS)
      );
  };
  const open = gaps.filter(({ isOpen }) => isOpen);
  const ids = new Set([...found.keys()].map((key) => key.split(" ")[0] ?? ""));
  let missingToots = 0;
  let missingChanges = 0;
  for (const { id, editedAt } of sim.truth.expected.values()) {
    const key = `${id} ${editedAt === null ? "" : new Date(editedAt).toISOString()}`;
    if (found.has(key)) continue;
    if (!ids.has(id)) {
      missingToots++;
      assert(within(key, open), `toot ${key} is missing: ${describe(source, key, gaps)}`);
    }
    missingChanges++;
    assert(within(key, gaps), `version ${key} is missing: ${describe(source, key, gaps)}`);
  }
  for (const id of sim.truth.tombstones) {
    const key = `${id} deleted`;
    if (found.has(key)) continue;
    missingChanges++;
    assert(within(key, gaps), `delete of ${id} is missing: ${describe(source, key, gaps)}`);
  }
  return { missingToots, missingChanges };
}

/**
 * When a gap began by the server's doings: on a machine as busy as a test's, what was sent before a
 * cut may be taken in long after it, and only the last toot tells how far that went.
 */
function startOf({ fromId, fromMs }: Gap, source: TimedSource): number {
  const [playedMs = Infinity] = source.played.get(`${fromId} `) ?? [];
  return Math.min((fromMs ?? 0) - SLACK_MS, playedMs);
}

function describe(source: TimedSource, key: string, gaps: readonly Gap[]): string {
  return JSON.stringify({ played: source.played.get(key), gaps });
}

/**
 * Waits until ingest has nothing left to do: all was played, received, filled and logged, and so many
 * interruptions were dealt with.
 */
export async function quiet(it: Rig, sim: Simulator, interruptions = 0): Promise<void> {
  await sim.finished;
  const dealtWith = () => it.said.filter((line) => / gap .*(toots|recorded)$/.test(line)).length;
  for (let i = 0; dealtWith() < interruptions; i++) {
    assert(i < 1800, `waited 90 s in vain:\n${it.said.join("\n")}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await still(it);
}

/** Waits until ingest has caught up and brings nothing more to the log. */
export async function still(it: Rig): Promise<void> {
  let before = -1;
  for (let [looks, i] = [0, 0]; looks < 8; i++) {
    assert(i < 1200, `waited 60 s in vain:\n${it.said.join("\n")}`);
    const now = it.log.records().length;
    looks = now === before && it.isCaughtUp() ? looks + 1 : 0;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
