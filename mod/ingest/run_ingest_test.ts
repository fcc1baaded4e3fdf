import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { Database } from "../db/database.ts";
import { plainSource } from "../mastodon/simulator/_test_client.ts";
import { generatorSource, startSimulator } from "../mastodon/simulator/mod.ts";
import type { Follow, FollowOptions, StreamEnd } from "../mastodon/stream_end.ts";
import { waitUntil } from "../testing/wait_until.ts";
import { ingestMetrics } from "../ops/metrics.ts";
import { rig } from "./_rig.ts";
import { ingestIsReady } from "./ingest_health.ts";
import { readIngestPositions } from "./ingest_store.ts";
import type { IngestStatus } from "./run_ingest.ts";

const PUBLIC = { kind: "public" } as const;
const CUT: StreamEnd = { opened: true, detail: "Cut", status: null, retryAfterMs: null };

/** A stream that says what it is told when it opens, and stays open until it is ended. */
function saying(frames: (options: FollowOptions) => readonly string[]): Follow {
  return async (options) => {
    options.onOpen?.();
    for (const frame of frames(options)) options.onFrame(frame);
    const { signal } = options;
    if (!signal.aborted) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    }
    return CUT;
  };
}

function errorFrame(error: string): string {
  return JSON.stringify({ error, status: 500 });
}

/** A frame that shows that the subscription is in effect. */
const DELETE = '{"stream":["public"],"event":"delete","payload":"1"}';

Deno.test("a token that the server repeats gets neither into the log nor into a gap's reason", async () => {
  await using sim = await startSimulator({ source: plainSource(10) });
  await using it = await rig(sim);
  let connections = 0;
  const ingest = it.start({
    follow: saying(({ token }) =>
      connections++ === 0 ? [errorFrame(`Bad token ${token}\n`.repeat(20))] : [DELETE]
    ),
  });
  await waitUntil(() => it.said.some((line) => line.includes("gap is recorded")), {
    what: "the gap",
    timeoutMs: 20_000,
  });
  await ingest.stop();
  const [reason = ""] = (await it.gaps()).map(({ reason }) => reason);
  assert(reason.includes("Bad token *** Bad token ***"), reason);
  assert(reason.length <= 300, `${reason.length} characters`);
  assertEquals(it.said.filter((line) => line.includes(sim.token)), []);
});

Deno.test("what a server says in band is one short line, and once a minute", async () => {
  await using sim = await startSimulator({ source: plainSource(10) });
  await using it = await rig(sim);
  const ingest = it.start({
    follow: saying(() => [
      DELETE,
      ...Array.from({ length: 50 }, () => errorFrame("no\n2026-01-01 INFO forged\u001b[2J")),
      errorFrame("x".repeat(1_900_000)),
      ...Array.from({ length: 50 }, (_, i) => errorFrame(`request ${i} failed`)),
    ]),
  });
  await waitUntil(() => it.said.some((line) => line.includes("Connected")), {
    what: "the connection",
    timeoutMs: 20_000,
  });
  const { status } = await ingest.stop();
  assertEquals(status.sources[0]?.counts.serverErrors, 101);
  const said = it.said.filter((line) => line.includes(" says: "));
  assertEquals(said[0], "warn: pulse.example says: no 2026-01-01 INFO forged [2J (500)");
  assertEquals(said.length, 10);
  assert(said.every((line) => line.length < 350), "a line is long");
});

Deno.test("a database that cannot say whether to admit a server is asked again, and ends no other", async () => {
  await using one = await startSimulator({ source: plainSource(10), domain: "one.example" });
  await using two = await startSimulator({ source: plainSource(10), domain: "two.example" });
  await using it = await rig(one);
  let asked = 0;
  const ingest = it.start({
    sources: [one, two].map(({ url, token }) => ({ baseUrl: url, token, streams: [PUBLIC] })),
    follow: saying(() => [DELETE]),
    admit: ({ instance }) =>
      instance === "two.example" && ++asked < 4
        ? Promise.reject(new Error("connect ECONNREFUSED"))
        : Promise.resolve(null),
  });
  const connected = () => it.said.filter((line) => line.includes("Connected")).length;
  await waitUntil(() => connected() === 2, { what: "both", timeoutMs: 20_000 });
  const { failures } = await ingest.stop();
  assertEquals(failures, []);
  assertEquals(it.said.filter((line) => line.includes("ECONNREFUSED")), [
    "warn: Cannot tell whether two.example may be followed, trying again: connect ECONNREFUSED",
  ]);
});

Deno.test("a server that must not be followed ends ingest", async () => {
  await using sim = await startSimulator({ source: plainSource(10) });
  await using it = await rig(sim);
  const { ended } = it.start({ admit: () => Promise.resolve(new Error("This is the demo's")) });
  await assertRejects(() => ended, Error, "This is the demo's");
});

Deno.test("a server under two addresses is followed once, however long it takes to admit it", async () => {
  await using sim = await startSimulator({ source: plainSource(10) });
  await using it = await rig(sim);
  const baseUrls = [sim.url, sim.url.replace("127.0.0.1", "localhost")];
  const admitted = Promise.withResolvers<null>();
  const ingest = it.start({
    sources: baseUrls.map((baseUrl) => ({ baseUrl, token: sim.token, streams: [PUBLIC] })),
    follow: saying(() => [DELETE]),
    admit: () => admitted.promise,
  });
  const isOver = () => it.said.some((line) => line.includes("which is followed already"));
  const waiting = waitUntil(isOver, { what: "the refusal", timeoutMs: 5000 });
  await waiting.finally(() => admitted.resolve(null));
  await waitUntil(() => it.said.some((line) => line.includes("Connected")), {
    what: "the connection",
    timeoutMs: 20_000,
  });
  const { failures } = await ingest.stop();
  assertEquals(failures.length, 1);
  assertEquals(it.said.filter((line) => line.includes("Connected")).length, 1);
});

Deno.test("the state is told while ingest waits for the log at the start", async () => {
  await using sim = await startSimulator({ source: plainSource(10) });
  await using it = await rig(sim);
  it.log.isDown = true;
  const told: IngestStatus[] = [];
  const ingest = it.start({ onStatus: (status) => told.push(status) });
  await waitUntil(() => told.length > 0, { what: "the state", timeoutMs: 5000 });
  assertEquals(told[0]?.isLogUp, false);
  it.log.isDown = false;
  await waitUntil(() => told.at(-1)?.isLogUp === true, { what: "the log", timeoutMs: 10_000 });
  await ingest.stop();
  assert(it.said.includes("info: The log can be read again"), it.said.join("\n"));
});

Deno.test("the state is told while the database does not answer, and all is saved at the end", async () => {
  const source = generatorSource({ seed: 11, events: 300 });
  await using sim = await startSimulator({ source, pace: { rate: 300 } });
  await using it = await rig(sim);
  const answer = Promise.withResolvers<void>();
  let isAsked = false;
  const { db } = it;
  const hanging: Database = {
    ...db,
    transaction: async (work, options) => {
      isAsked = true;
      await answer.promise;
      return await db.transaction(work, options);
    },
  };
  let told = 0;
  const ingest = it.start({ db: hanging, onStatus: () => told++ });
  await waitUntil(() => isAsked, { what: "a save", timeoutMs: 20_000 });
  const before = told;
  await waitUntil(() => told > before + 1, { what: "the state", timeoutMs: 5000 })
    .finally(() => answer.resolve());
  await ingest.stop();
  const [position] = await readIngestPositions(db);
  assertEquals(position?.instance, "pulse.example");
});

Deno.test("a server that is not reached, or was given up, is seen in the state", async () => {
  await using one = await startSimulator({ source: plainSource(10), domain: "one.example" });
  await using old = await startSimulator({ source: plainSource(10), version: "3.1.0" });
  await using it = await rig(one);
  const away = "http://no-such-host.invalid";
  let newest: IngestStatus | null = null;
  const ingest = it.start({
    sources: [one.url, old.url, away].map((baseUrl) => ({
      baseUrl,
      token: one.token,
      streams: [PUBLIC],
    })),
    follow: saying(() => [DELETE]),
    onStatus: (status) => newest = status,
  });
  const ready = () => ingestIsReady(newest, { stallMs: 90_000, now: Date.now() });
  await waitUntil(() => ready().isOk && ready().detail.includes("given up"), {
    what: "the first and the second",
    timeoutMs: 20_000,
  });
  assertEquals(
    ready().detail,
    `ready, but public of ${old.url} was given up; public of ${away} is not reached yet`,
  );
  const page = await ingestMetrics(() => newest).text();
  assertMatch(page, /^pulse_ingest_sources_followed 1$/m);
  assertMatch(page, /^pulse_ingest_caught_up\{instance="one\.example",stream="public"\} 1$/m);
  assertMatch(page, /^pulse_ingest_caught_up\{instance="http:\/\/no-such-host\.invalid",.*\} 0$/m);
  await ingest.stop();
});

Deno.test("a server whose streaming moves to another address is followed there", async () => {
  let asked = 0;
  await using api = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    const streaming = asked++ === 0 ? "wss://old.invalid" : "wss://new.invalid";
    return Response.json({
      domain: "pulse.example",
      version: "4.5.0",
      configuration: { urls: { streaming } },
    });
  });
  await using it = await rig({ url: `http://127.0.0.1:${api.addr.port}`, token: "t0ken" });
  const tried: string[] = [];
  const open = saying(() => [DELETE]);
  const ingest = it.start({
    follow: async (options) => {
      tried.push(options.streamingUrl);
      if (options.streamingUrl === "wss://new.invalid") return await open(options);
      return { opened: false, detail: "Refused", status: null, retryAfterMs: null };
    },
  });
  await waitUntil(() => it.said.some((line) => line.includes("Connected")), {
    what: "the connection",
    timeoutMs: 10_000,
  });
  await ingest.stop();
  assertEquals(tried, ["wss://old.invalid", "wss://new.invalid"]);
  assert(it.said.includes("info: pulse.example streams at wss://new.invalid now"));
});
