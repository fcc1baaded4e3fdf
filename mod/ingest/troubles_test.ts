import { assert, assertEquals, assertGreater, assertRejects } from "@std/assert";
import { TokenRefusedError } from "../mastodon/server.ts";
import { generatorSource, startSimulator } from "../mastodon/simulator/mod.ts";
import { plainSource } from "../mastodon/simulator/_test_client.ts";
import { decodeEvent } from "../mastodon/wire.ts";
import { playDatabase } from "../stream/_play_database.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { waitUntil } from "../testing/wait_until.ts";
import { MemoryLog } from "./_memory_log.ts";
import { audit, logged, quiet, rig, TimedSource } from "./_rig.ts";
import { Spool } from "./spool.ts";

const UNLIMITED = { limit: 100_000, periodMs: 300_000 };

/** A stream at 2,000 events/s that goes on while nobody listens. */
function timed(events: number, more: Parameters<typeof generatorSource>[0] = {}) {
  const source = new TimedSource(generatorSource({ seed: 11, events, hugeStatuses: 1, ...more }));
  const options = {
    source,
    pace: { rate: 2000 },
    whileAway: "continue",
    rateLimit: UNLIMITED,
    faults: [],
  } as const;
  return { source, options };
}

Deno.test("what a stream says out of order, broken, twice or too large arrives as it is", async () => {
  const { source, options } = timed(3000);
  await using sim = await startSimulator(options);
  await using it = await rig(sim);
  const ingest = it.start();
  await quiet(it, sim);
  const { status } = await ingest.stop();
  for (
    const kind of ["edit_first", "delete_first", "malformed", "huge", "duplicate", "late"] as const
  ) {
    assertGreater(sim.truth.kinds.get(kind) ?? 0, 0, `no ${kind} was played`);
  }
  assertEquals(await audit(it, { sim, source }), { missingToots: 0, missingChanges: 0 });
  assertEquals(it.log.records("errors").length, sim.truth.counts.malformedTotal);
  assertEquals(status.sources[0]?.counts.frames, sim.truth.counts.frames);
});

Deno.test("a wrong token stops ingest with one clear message", async () => {
  await using sim = await startSimulator({ source: plainSource(10) });
  await using it = await rig({ url: sim.url, token: "wr0ng-token" });
  const error = await assertRejects(() => it.start().ended, TokenRefusedError);
  assertEquals(
    error.message,
    "pulse.example refuses the token: it is wrong, or was revoked. Make a new one there " +
      "(Preferences > Development, scope read:statuses) and set MASTODON_ACCESS_TOKEN",
  );
  assertEquals(it.log.records(), []);
  assertEquals(it.said.join("\n").includes("wr0ng-token"), false);
});

Deno.test("a token revoked while connected stops ingest, and what came before is kept", async () => {
  const { options } = timed(1000);
  await using sim = await startSimulator({
    ...options,
    faults: [{ at: 500, fault: { kind: "revoke" } }],
  });
  await using it = await rig(sim);
  await assertRejects(() => it.start().ended, TokenRefusedError, "was revoked");
  assertEquals(sim.truth.faults.map(({ kind, connections }) => [kind, connections]), [[
    "revoke",
    1,
  ]]);
  const found = logged(it.log.records());
  for (const { id, editedAt } of sim.ledger.expected.values()) {
    const key = `${id} ${editedAt === null ? "" : new Date(editedAt).toISOString()}`;
    assertEquals(found.get(key), 1, key);
  }
});

for (const days of [1, -1]) {
  Deno.test(`with the server's clock ${days} day off, the rate limit is honoured and the gap filled`, async () => {
    const { source, options } = timed(1200);
    await using sim = await startSimulator({
      ...options,
      rateLimit: { limit: 24, periodMs: 2000 },
      faults: [
        { at: 300, fault: { kind: "skew", ms: days * 86_400_000 } },
        { at: 400, fault: { kind: "cut" } },
      ],
    });
    await using it = await rig(sim);
    const ingest = it.start();
    await quiet(it, sim, 1);
    await ingest.stop();
    assertEquals(sim.truth.faults.map(({ kind }) => kind), ["skew", "cut"]);
    assertEquals((await audit(it, { sim, source })).missingToots, 0);
    const [gap] = await it.gaps();
    assertEquals(gap?.outcome, "filled");
    assertGreater(gap?.fetched ?? 0, 600, "it takes more requests than one period allows");
  });
}

Deno.test("while the log is down events wait on disk, and reach it in order", async () => {
  const { source, options } = timed(3000);
  await using sim = await startSimulator({ ...options, pace: { rate: 400 } });
  await using dir = await tempDir({});
  await using spool = await Spool.open(dir.path, { maxBytes: 1e8 });
  await using it = await rig(sim);
  const ingest = it.start({ spool });
  await waitUntil(() => sim.played > 200, { what: "events", timeoutMs: 20_000 });
  it.log.isDown = true;
  await waitUntil(() => sim.played > 2500, { what: "events", timeoutMs: 30_000 });
  const before = it.log.records().length;
  assertGreater(spool.bytes, 100_000);
  it.log.isDown = false;
  await quiet(it, sim);
  await waitUntil(() => spool.isEmpty, { what: "the spool to drain", timeoutMs: 20_000 });
  await ingest.stop();
  assertEquals(await audit(it, { sim, source }), { missingToots: 0, missingChanges: 0 });
  assertEquals(await it.gaps(), []);
  assertGreater(it.log.records().length, before + 1500);
});

Deno.test("when the spool is full ingest disconnects, and fetches later what it missed", async () => {
  const { source, options } = timed(3000);
  await using sim = await startSimulator({ ...options, pace: { rate: 600 } });
  await using dir = await tempDir({});
  await using spool = await Spool.open(dir.path, { maxBytes: 150_000 });
  await using it = await rig(sim);
  const ingest = it.start({ spool, maxQueue: 100 });
  await waitUntil(() => sim.played > 200, { what: "events", timeoutMs: 20_000 });
  it.log.isDown = true;
  await waitUntil(() => it.said.some((line) => line.includes("no room left")), {
    what: "the gate to close",
    timeoutMs: 20_000,
  });
  await waitUntil(() => sim.connections === 0, { what: "a disconnect", timeoutMs: 20_000 });
  assert(spool.bytes <= 150_000);
  it.log.isDown = false;
  await quiet(it, sim, 1);
  await ingest.stop();
  assertEquals((await audit(it, { sim, source })).missingToots, 0);
  const gaps = await it.gaps();
  assertGreater(gaps.filter(({ reason }) => reason.includes("no room left")).length, 0);
});

Deno.test("a restart fetches what was missed while ingest was not running", async () => {
  const { source, options } = timed(3000);
  await using sim = await startSimulator(options);
  await using it = await rig(sim);
  const first = it.start();
  await waitUntil(() => sim.played > 500, { what: "events", timeoutMs: 20_000 });
  await first.stop();
  const offline = it.log.records().length;
  await sim.finished;
  const second = it.start();
  await quiet(it, sim, 1);
  await second.stop();
  assertGreater(it.log.records().length, offline + 1000);
  assertEquals((await audit(it, { sim, source })).missingToots, 0);
  assertEquals((await it.gaps()).map(({ reason, outcome }) => [reason, outcome]), [
    ["Ingest was not running", "filled"],
  ]);
});

Deno.test("a closed timeline gives one message, and open gaps", async () => {
  const { source, options } = timed(1200);
  await using sim = await startSimulator({
    ...options,
    publicTimeline: "closed",
    faults: [{ at: 400, fault: { kind: "cut" } }],
  });
  await using it = await rig(sim);
  const ingest = it.start();
  await quiet(it, sim, 1);
  await ingest.stop();
  assertGreater((await audit(it, { sim, source })).missingToots, 0);
  assertEquals((await it.gaps()).map(({ outcome, isOpen }) => [outcome, isOpen]), [[
    "closed",
    true,
  ]]);
  assertEquals(it.said.filter((line) => line.includes("timeline is closed")), [
    "warn: pulse.example: the public timeline is closed (it answers 403), so what was missed " +
    "cannot be fetched: the gap is recorded",
  ]);
});

Deno.test("a gap larger than may be fetched stays open", async () => {
  const { source, options } = timed(2000);
  await using sim = await startSimulator(options);
  await using it = await rig(sim);
  const first = it.start();
  await waitUntil(() => sim.played > 300, { what: "events", timeoutMs: 20_000 });
  await first.stop();
  await sim.finished;
  const second = it.start({ maxFill: 600 });
  await quiet(it, sim, 1);
  await second.stop();
  assertGreater((await audit(it, { sim, source })).missingToots, 0);
  assertEquals((await it.gaps()).map(({ outcome, isOpen }) => [outcome, isOpen]), [[
    "bounded",
    true,
  ]]);
});

Deno.test("two instances: each toot once, and a broken one does not touch the other", async () => {
  const same = () => timed(1500);
  const { source, options } = same();
  await using one = await startSimulator({ ...options, domain: "one.example" });
  await using other = await startSimulator({ ...same().options, domain: "two.example" });
  await using broken = await startSimulator({
    ...same().options,
    domain: "three.example",
    version: "3.1.0",
  });
  await using it = await rig(one);
  const streams = [{ kind: "public" }] as const;
  const ingest = it.start({
    sources: [
      { baseUrl: one.url, token: one.token, streams },
      { baseUrl: other.url, token: other.token, streams },
      { baseUrl: broken.url, token: broken.token, streams },
      { baseUrl: "http://no-such-host.invalid", token: null, streams },
    ],
  });
  await quiet(it, one);
  await quiet(it, other);
  const { failures, status } = await ingest.stop();
  assertEquals(failures.map(({ message }) => message.includes('runs Mastodon "3.1.0"')), [true]);
  const toots = new Map<string, string>();
  for (const { value } of it.log.records()) {
    const event = decodeEvent(value);
    if (!("toot" in event)) continue;
    const version = `${event.toot.uri} ${event.toot.edited_at}`;
    assertEquals(toots.get(version), undefined, `${version} is there twice`);
    toots.set(version, event.instance);
  }
  for (const { id, editedAt } of one.truth.expected.values()) {
    const edited = editedAt === null ? null : new Date(editedAt).toISOString();
    const found = [...toots.keys()].some((key) => key.endsWith(`/statuses/${id} ${edited}`));
    assert(found, `${id} is missing`);
  }
  assertEquals(source.played.size > 1000, true);
  assertEquals(new Set(toots.values()), new Set(["one.example", "two.example"]));
  const copies = status.sources.map(({ counts }) => counts.skipped.get("copy") ?? 0);
  assertGreater(copies.reduce((a, b) => a + b, 0), 900);
  assert(it.said.some((line) => line.includes("Cannot reach http://no-such-host.invalid")));
});

Deno.test("a bio that gains #nobot takes back what was stored", async () => {
  const { options } = timed(3000, { laterOptOuts: 20, rates: { optedOut: 0 } });
  await using sim = await startSimulator(options);
  const log = new MemoryLog(3);
  await using it = await rig(sim, { log });
  const ingest = it.start();
  await quiet(it, sim);
  const { status } = await ingest.stop();
  const authors = sim.truth.optedOutAuthors;
  assertGreater(authors.size, 10);
  const told = status.sources[0]?.counts.events.get("opt_out") ?? 0;
  // An update that comes behind its delete shows the bio as it was: then word is sent once more.
  assert(told >= authors.size && told < authors.size + 5, `${told} opt-outs`);
  const events = log.records().map(({ value }) => decodeEvent(value));
  const gone = new Set(events.flatMap((e) => e.type === "opt_out" ? [e.account_id] : []));
  assertEquals(gone.size, authors.size);
  const theirs = events.filter((e) => "toot" in e && gone.has(e.toot.account_id));
  assertGreater(theirs.length, 20, "they must have been collected before");
  await playDatabase(it.db, log.partitions(), { windowMs: 60_000, graceMs: 30_000 });
  const rows = await it.db.query("SELECT id, account_id FROM masto.toots_raw");
  assertEquals(rows.filter(({ account_id }) => gone.has(String(account_id))), []);
  const expected = [...sim.truth.expected.values()].filter((toot) => !authors.has(toot.accountId));
  assertEquals(
    new Set(rows.map(({ id }) => id)),
    new Set(expected.map(({ id }) => id)),
  );
  const windows = await it.db.query("SELECT account_id FROM masto.user_length_sums");
  assertEquals(windows.filter(({ account_id }) => gone.has(String(account_id))), []);
});
