import { assert, assertEquals, assertGreater } from "@std/assert";
import { emptyTables } from "../db/_test_database.ts";
import type { Database } from "../db/database.ts";
import { openEmbedded } from "../db/embedded.ts";
import { migrate, readMigrations } from "../db/migrations.ts";
import { followEventStream } from "../mastodon/event_stream.ts";
import { followStream } from "../mastodon/live_stream.ts";
import {
  type Fault,
  type FaultStep,
  generatorSource,
  startSimulator,
} from "../mastodon/simulator/mod.ts";
import { Random } from "../mastodon/simulator/random.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { MemoryLog } from "./_memory_log.ts";
import { audit, quiet, rig, TimedSource } from "./_rig.ts";
import { Spool } from "./spool.ts";

const SCHEDULES = 100;
const EVENTS = 2000;
const STALL_MS = 3000;
/** Schedules that run side by side: they mostly wait. */
const LANES = 3;

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
    { kind: "refuse", status: status(), ms: ms(), paths: paths() },
    { kind: "refuse", status: 429, ms: ms(), retryAfter: 1 },
    { kind: "refuse", status: status(), ms: ms(), cut: false },
    { kind: "replay", frames: random.between(1, 80) },
    { kind: "skew", ms: random.pick([-1, 1]) * 86_400_000 },
  ]);
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
  const source = new TimedSource(generatorSource({ seed, events: EVENTS, hugeBytes: 1_200_000 }));
  await using sim = await startSimulator({
    source,
    pace: { rate: 1500 },
    whileAway: "continue",
    rateLimit: { limit: 100_000, periodMs: 300_000 },
    publicTimeline: schedule.publicTimeline,
    faults: schedule.faults,
  });
  await using dir = await tempDir({});
  await using spool = await Spool.open(dir.path, { maxBytes: schedule.spoolBytes });
  const log = new MemoryLog();
  await using it = await rig(sim, { log, db });
  const follow = schedule.transport === "sse" ? followEventStream : followStream;
  const start = () =>
    it.start({ spool, follow, stallMs: STALL_MS, maxFill: schedule.maxFill, maxQueue: 300 });
  let ingest = start();
  const doings = [
    ...schedule.outages.map(({ at, ms }) => ({
      at,
      act: async () => {
        log.isDown = true;
        await new Promise((resolve) => setTimeout(resolve, ms));
        log.isDown = false;
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
    while (sim.played < at) await new Promise((resolve) => setTimeout(resolve, 5));
    await act();
  }
  await sim.finished;
  // Silence at the very end has to be noticed first.
  await new Promise((resolve) => setTimeout(resolve, STALL_MS + 500));
  await quiet(it, sim);
  await ingest.stop();
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
  const end = next + Number(Deno.env.get("SCHEDULES") ?? SCHEDULES);
  await Promise.all(Array.from({ length: LANES }, async () => {
    await using db = await openEmbedded(null);
    await migrate(db, await readMigrations());
    while (next < end) {
      const seed = next++;
      await emptyTables(db);
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
      if (end - SCHEDULES < 1) return;
      for (const kind of ["cut", "silence", "quiet", "error", "refuse", "replay", "skew"]) {
        assertGreater(tally.fired.get(kind) ?? 0, 10, `${kind} hardly ever hit anybody`);
      }
    },
  );
});
