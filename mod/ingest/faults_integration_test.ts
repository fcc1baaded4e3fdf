import { assert, assertEquals, assertGreater } from "@std/assert";
import {
  type Fault,
  generatorSource,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from "../mastodon/simulator/mod.ts";
import { followEventStream } from "../mastodon/event_stream.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { waitUntil } from "../testing/wait_until.ts";
import { audit, quiet, rig, TimedSource } from "./_rig.ts";
import { Spool } from "./spool.ts";

const EVENTS = 1200;

/** A simulator in front of whose frame 400 a fault fires, and that goes on while nobody listens. */
async function faulty(
  faults: readonly Fault[],
  more: Partial<SimulatorOptions> = {},
): Promise<{ sim: Simulator; source: TimedSource }> {
  const source = new TimedSource(generatorSource({ seed: 5, events: EVENTS, hugeStatuses: 1 }));
  const sim = await startSimulator({
    source,
    pace: { rate: 2000 },
    whileAway: "continue",
    faults: faults.map((fault, i) => ({ at: 400 + 200 * i, fault })),
    rateLimit: { limit: 100_000, periodMs: 300_000 },
    ...more,
  });
  return { sim, source };
}

function assertFired(sim: Simulator, kind: string): void {
  const fired = sim.truth.faults.filter((fault) => fault.kind === kind);
  assertGreater(fired.length, 0, `${kind} did not fire`);
  assertGreater(fired[0]?.connections ?? 0, 0, `${kind} hit nobody`);
}

const FAULTS: Record<string, Fault> = {
  "a cut": { kind: "cut" },
  "a cut in mid-frame": { kind: "cut", midFrame: true },
  "duplicate replays after a reconnect": { kind: "replay", frames: 50 },
  "503 for a while": { kind: "refuse", status: 503, ms: 400 },
  "502 on streaming alone": { kind: "refuse", status: 502, ms: 400, paths: "streaming" },
  "500 on the timeline alone": { kind: "refuse", status: 500, ms: 400, paths: "rest" },
  "429 with Retry-After": { kind: "refuse", status: 429, ms: 900, retryAfter: 1 },
  "403 for a while": { kind: "refuse", status: 403, ms: 400, paths: "streaming" },
};

for (const [name, fault] of Object.entries(FAULTS)) {
  Deno.test(`after ${name} nothing is missing and nothing doubled`, async () => {
    const { sim, source } = await faulty([fault]);
    await using _sim = sim;
    await using it = await rig(sim);
    const ingest = it.start();
    await quiet(it, sim, 1);
    await ingest.stop();
    assertFired(sim, fault.kind);
    const { missingToots } = await audit(it, { sim, source });
    assertEquals(missingToots, 0);
    const gaps = await it.gaps();
    assertEquals(gaps.map(({ outcome }) => outcome), ["filled"]);
    assertGreater(it.log.records().length, EVENTS / 2);
  });
}

for (
  const [name, fault] of Object.entries(
    {
      "half-open silence": { kind: "silence" },
      "heartbeats without events": { kind: "quiet", ms: 6000 },
    } satisfies Record<string, Fault>,
  )
) {
  Deno.test(`${name} is noticed within the limit, and what it cost is fetched`, async () => {
    const { sim, source } = await faulty([fault]);
    await using _sim = sim;
    await using it = await rig(sim);
    const ingest = it.start({ stallMs: 3000 });
    await quiet(it, sim, 1);
    await ingest.stop();
    assertFired(sim, fault.kind);
    const { missingToots } = await audit(it, { sim, source });
    assertEquals(missingToots, 0);
    assert(it.said.some((line) => line.includes("Nothing heard for 3 s")), it.said.join("\n"));
  });
}

Deno.test("an in-band error among events changes nothing", async () => {
  const { sim, source } = await faulty([{ kind: "error" }]);
  await using _sim = sim;
  await using it = await rig(sim);
  const ingest = it.start();
  await quiet(it, sim);
  const { status } = await ingest.stop();
  assertFired(sim, "error");
  assertEquals(await audit(it, { sim, source }), { missingToots: 0, missingChanges: 0 });
  assertEquals(status.sources[0]?.counts.serverErrors, 1);
  assertEquals(await it.gaps(), []);
});

for (const fault of [{ kind: "cut", midFrame: true }, { kind: "silence" }] satisfies Fault[]) {
  Deno.test(`over server-sent events a ${fault.kind} costs nothing either`, async () => {
    const { sim, source } = await faulty([fault]);
    await using _sim = sim;
    await using it = await rig(sim);
    const ingest = it.start({ follow: followEventStream, stallMs: 3000 });
    await quiet(it, sim, 1);
    await ingest.stop();
    assertFired(sim, fault.kind);
    const { missingToots } = await audit(it, { sim, source });
    assertEquals(missingToots, 0);
  });
}

Deno.test("a log that is down for a minute delays events and loses none", async () => {
  const source = new TimedSource(generatorSource({ seed: 6, events: 9000, hugeStatuses: 1 }));
  await using sim = await startSimulator({
    source,
    pace: { rate: 125 },
    whileAway: "continue",
    faults: [],
  });
  await using dir = await tempDir({});
  await using spool = await Spool.open(dir.path, { maxBytes: 1e9 });
  await using it = await rig(sim);
  const ingest = it.start({ spool });
  await waitUntil(() => it.log.records().length > 100, { what: "events", timeoutMs: 20_000 });
  it.log.isDown = true;
  const [downAt, before] = [performance.now(), it.log.records().length];
  await new Promise((resolve) => setTimeout(resolve, 60_000));
  assertGreater(spool.bytes, 1_000_000);
  assertEquals(it.log.records().length, before);
  it.log.isDown = false;
  assertGreater(performance.now() - downAt, 60_000);
  await waitUntil(() => spool.isEmpty, { what: "the spool to drain", timeoutMs: 30_000 });
  await quiet(it, sim);
  const { status } = await ingest.stop();
  assertEquals(await audit(it, { sim, source }), { missingToots: 0, missingChanges: 0 });
  assertEquals([await it.gaps(), status.sources[0]?.counts.connects], [[], 1]);
});
