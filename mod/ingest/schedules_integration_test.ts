import { assert, assertEquals, assertGreater } from "@std/assert";
import { sleep, within } from "../async/waiting.ts";
import { testDatabase } from "../db/_test_database.ts";
import type { Database } from "../db/database.ts";
import { followEventStream } from "../mastodon/event_stream.ts";
import { followStream } from "../mastodon/live_stream.ts";
import {
  type Fault,
  type FaultStep,
  generatorSource,
  type Simulator,
  startSimulator,
} from "../mastodon/simulator/mod.ts";
import { Random } from "../mastodon/simulator/random.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { MemoryLog } from "./_memory_log.ts";
import { audit, LivelySource, type Rig, rig, still } from "./_rig.ts";
import { Spool } from "./spool.ts";

const SCHEDULES = 100;
const EVENTS = 2000;
/** Frames a second: slow enough that a fault's reconnect does not take all that is left. */
const RATE = 300;
const STALL_MS = 3000;
/** How long a subscription may take to reach the server, with so many schedules in one thread. */
const SUBSCRIBE_MS = 500;
/** Schedules that run side by side: they mostly wait, and together take about half a core. */
const LANES = 7;
/** Three days are played within seconds: this is a sixth of all, and more than any fill's last part. */
const OVERLAP_MS = 43_200_000;
const ALL_MS = 100 * 86_400_000;
/** How long one may take from its last frame on: what was missed is fetched within seconds. */
const SETTLE_MS = 120_000;
/** How long one may take altogether, in ms. */
const LIMIT_MS = 2 * EVENTS * 1000 / RATE + SETTLE_MS;

interface Schedule {
  readonly faults: readonly FaultStep[];
  /** When the log goes down, in frames played, and for how long, in ms. */
  readonly outages: readonly { readonly at: number; readonly ms: number }[];
  /** When ingest is stopped and started again, in frames played. */
  readonly restarts: readonly number[];
  readonly publicTimeline: "open" | "closed";
  readonly maxFill: number;
  readonly spoolBytes: number;
  readonly transport: "websocket" | "sse";
  /** Whether toots come late by hours, so that a fill has to begin at the beginning. */
  readonly hasLate: boolean;
}

function draw(random: Random): Schedule {
  const at = () => random.between(20, EVENTS - 20);
  const several = <T>(most: number, make: () => T) =>
    Array.from({ length: random.between(0, most) }, make);
  return {
    faults: Array.from(
      { length: random.between(1, 5) },
      () => ({ at: at(), fault: fault(random) }),
    ),
    outages: several(2, () => ({ at: at(), ms: random.between(50, 3000) })),
    restarts: several(1, at),
    publicTimeline: random.chance(0.1) ? "closed" : "open",
    maxFill: random.chance(0.1) ? 200 : 20_000,
    spoolBytes: random.chance(0.2) ? 50_000 : 10_000_000,
    transport: random.chance(0.15) ? "sse" : "websocket",
    hasLate: random.chance(0.25),
  };
}

function fault(random: Random): Fault {
  const status = () => random.pick([403, 429, 500, 502, 503] as const);
  const paths = () => random.pick(["streaming", "rest", "all"] as const);
  const ms = () => random.between(100, 900);
  return random.pick([
    { kind: "cut" },
    { kind: "cut", midFrame: true },
    { kind: "silence" },
    { kind: "quiet", ms: random.between(200, 1500) },
    { kind: "error" },
    refusal({ status: status(), ms: ms(), paths: paths() }),
    refusal({ status: 429, ms: ms() }),
    refusal({ status: status(), ms: ms(), cut: false }),
    { kind: "replay", frames: random.between(1, 80) },
    { kind: "skew", ms: random.pick([-1, 1]) * 86_400_000 },
  ]);
}

/** Whoever is told "too many" without being told until when waits for a minute: too long for here. */
function refusal(given: Omit<Extract<Fault, { kind: "refuse" }>, "kind">): Fault {
  return { kind: "refuse", ...given, ...(given.status === 429 && { retryAfter: 1 }) };
}

interface Tally {
  readonly fired: Map<string, number>;
  readonly outcomes: Map<string, number>;
  missingToots: number;
  missingChanges: number;
  records: number;
}

async function run(seed: number, { db, tally }: { db: Database; tally: Tally }): Promise<void> {
  const schedule = draw(new Random(seed));
  const source = new LivelySource(
    generatorSource({
      seed,
      events: EVENTS,
      hugeBytes: 1_200_000,
      rates: schedule.hasLate ? {} : { late: 0 },
    }),
    STALL_MS / 4,
  );
  const instance = `seed-${seed}.example`;
  await using sim = await startSimulator({
    source,
    domain: instance,
    pace: { rate: RATE },
    whileAway: "continue",
    rateLimit: { limit: 100_000, periodMs: 300_000 },
    publicTimeline: schedule.publicTimeline,
    faults: schedule.faults,
    // Nobody looks at them, and there are many servers at a time.
    ledger: { keepPayloads: false },
  });
  await using dir = await tempDir({});
  await using spool = await Spool.open(dir.path, { maxBytes: schedule.spoolBytes });
  const log = new MemoryLog();
  await using it = await rig(sim, { log, db, instance });
  await bounded(play({ schedule, sim, source, it, spool }), () => [
    JSON.stringify(schedule),
    `${sim.played} frames played, ${sim.connections} connected, ${spool.bytes} bytes in the spool, ` +
    `caught up: ${it.isCaughtUp()}`,
    ...it.said,
  ]);
  assertEquals(sim.truth.faults.length, schedule.faults.length, "every fault fires");
  for (const { kind, connections } of sim.truth.faults) {
    if (connections > 0) tally.fired.set(kind, (tally.fired.get(kind) ?? 0) + 1);
  }
  for (const { outcome } of await it.gaps()) {
    tally.outcomes.set(outcome, (tally.outcomes.get(outcome) ?? 0) + 1);
  }
  const missing = await audit(it, { sim, source });
  assert(spool.isEmpty, "the spool is drained");
  tally.missingToots += missing.missingToots;
  tally.missingChanges += missing.missingChanges;
  tally.records += log.records().length;
}

/** Lets ingest go through a schedule until nothing is left to do. */
async function play(
  { schedule, sim, source, it, spool }: {
    schedule: Schedule;
    sim: Simulator;
    source: LivelySource;
    it: Rig;
    spool: Spool;
  },
): Promise<void> {
  const follow = schedule.transport === "sse" ? followEventStream : followStream;
  const start = () =>
    it.start({
      spool,
      follow,
      stallMs: STALL_MS,
      settleMs: SUBSCRIBE_MS,
      overlapMs: schedule.hasLate ? ALL_MS : OVERLAP_MS,
      maxFill: schedule.maxFill,
      maxQueue: 300,
    });
  let ingest = start();
  const doings = [
    ...schedule.outages.map(({ at, ms }) => ({
      at,
      act: async () => {
        it.log.isDown = true;
        await sleep(ms);
        it.log.isDown = false;
      },
    })),
    ...schedule.restarts.map((at) => ({
      at,
      act: async () => {
        await ingest.stop();
        ingest = start();
      },
    })),
  ].sort((a, b) => a.at - b.at);
  for (const { at, act } of doings) {
    while (sim.played < at) await sleep(5);
    await act();
  }
  while (sim.played < EVENTS) await sleep(5);
  // Silence at the very end has to be noticed first.
  await sleep(STALL_MS + 500);
  await still(it);
  source.end();
  await sim.finished;
  await ingest.stop();
}

/** Waits for a schedule, but not for ever. */
async function bounded(playing: Promise<void>, state: () => readonly string[]): Promise<void> {
  if (await within(playing, { ms: LIMIT_MS }) !== null) return;
  throw new Error(`It has not ended after ${LIMIT_MS} ms:\n${state().join("\n")}`);
}

Deno.test(`${SCHEDULES} fault schedules of ${EVENTS} events end with ledger = log + recorded gaps`, async (t) => {
  const tally: Tally = {
    fired: new Map(),
    outcomes: new Map(),
    missingToots: 0,
    missingChanges: 0,
    records: 0,
  };
  const failures: string[] = [];
  let next = Number(Deno.env.get("FIRST_SEED") ?? 1);
  const count = Number(Deno.env.get("SCHEDULES") ?? SCHEDULES);
  const end = next + count;
  await using db = await testDatabase();
  await Promise.all(Array.from({ length: LANES }, async () => {
    while (next < end) {
      const seed = next++;
      try {
        await run(seed, { db, tally });
      } catch (error) {
        failures.push(`seed ${seed}: ${error instanceof Error ? error.stack : error}`);
      }
    }
  }));
  await t.step(
    `what they came to: ${
      JSON.stringify({
        ...tally,
        fired: Object.fromEntries(tally.fired),
        outcomes: Object.fromEntries(tally.outcomes),
      })
    }`,
    () => {
      assertEquals(failures, []);
      if (count < SCHEDULES) return;
      for (const kind of ["cut", "silence", "quiet", "error", "refuse", "replay", "skew"]) {
        assertGreater(tally.fired.get(kind) ?? 0, 10, `${kind} hardly ever hit anybody`);
      }
    },
  );
});
