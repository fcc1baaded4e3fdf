import { assert, assertEquals, assertMatch } from "@std/assert";
import { idsOf, plainSource, range, TestClient, until } from "./_test_client.ts";
import type { Fault } from "./faults.ts";
import { type Simulator, startSimulator } from "./server.ts";

function faulty(at: number, fault: Fault, count = 60): Promise<Simulator> {
  return startSimulator({ source: plainSource(count), faults: [{ at, fault }] });
}

/** Checks that the fault fired where it should. */
function assertFired(sim: Simulator, kind: string, atFrame: number): void {
  assertEquals(sim.ledger.faults, [{ kind, atFrame, connections: 1 }]);
  assertEquals(sim.truth.faults, sim.ledger.faults);
}

for (const midFrame of [false, true]) {
  Deno.test(`fault cut${midFrame ? " mid-frame" : ""}: no close frame, nothing else lost`, async () => {
    await using sim = await faulty(20, { kind: "cut", midFrame });
    const first = await TestClient.subscribed(sim);
    const { code, clean, error } = await first.closed;
    assertEquals([code, clean], [0, false]);
    assertMatch(error, /EOF|reset/i);
    assertEquals(idsOf(first), range(0, 20));
    using second = await TestClient.subscribed(sim);
    assertEquals(await sim.finished, true);
    await second.count(40);
    assertEquals(idsOf(second), range(20, 60));
    assertFired(sim, "cut", 20);
    assertEquals(sim.ledger.counts, sim.truth.counts);
  });
}

Deno.test("fault cut: ends an event stream in the middle, too", async () => {
  await using sim = await faulty(20, { kind: "cut", midFrame: true });
  const response = await fetch(`${sim.url}/api/v1/streaming/public`, {
    headers: { Authorization: `Bearer ${sim.token}` },
  });
  let text = "";
  let failed = false;
  assert(response.body !== null);
  try {
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) text += chunk;
  } catch {
    failed = true;
  }
  assert(failed, "the body should have broken off");
  assertEquals(text.match(/\n\n/g)?.length ?? 0, 20);
});

Deno.test("fault silence: the connection stays open and nothing comes", async () => {
  await using sim = await faulty(20, { kind: "silence" });
  using first = await TestClient.subscribed(sim);
  await first.count(20);
  await until(() => sim.ledger.faults.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assertEquals(first.socket.readyState, WebSocket.OPEN);
  assertEquals(idsOf(first), range(0, 20));
  using second = await TestClient.subscribed(sim);
  await sim.finished;
  await second.count(40);
  assertEquals(idsOf(second), range(20, 60));
  assertEquals(first.messages.length, 20);
  assertFired(sim, "silence", 20);
});

Deno.test("fault quiet: nothing comes for a while, then it goes on by itself", async () => {
  await using sim = await faulty(20, { kind: "quiet", ms: 300 });
  using client = await TestClient.subscribed(sim);
  await client.count(20);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assertEquals(client.messages.length, 20);
  await client.count(60);
  assertEquals(idsOf(client), range(0, 60));
  assertFired(sim, "quiet", 20);
});

Deno.test("fault error: a frame without stream or event, the socket stays open", async () => {
  await using sim = await faulty(20, { kind: "error", error: "Oops", status: 500 });
  using client = await TestClient.subscribed(sim);
  await sim.finished;
  await client.count(61);
  assertEquals(client.objects[20], { error: "Oops", status: 500 });
  assertEquals(idsOf(client), range(0, 60));
  assertEquals(sim.ledger.counts.errorFrames, 1);
});

Deno.test("fault refuse: cuts, refuses for its time, then takes the client back", async () => {
  const fault = { kind: "refuse", status: 503, ms: 400, retryAfter: 2 } as const;
  await using sim = await faulty(20, fault);
  const first = await TestClient.subscribed(sim);
  await first.closed;
  const response = await fetch(`${sim.url}/api/v1/instance`);
  await response.body?.cancel();
  assertEquals([response.status, response.headers.get("retry-after")], [503, "2"]);
  using refused = new TestClient(sim);
  assertMatch((await refused.closed).error, /503/);
  for (;;) {
    const answer = await fetch(`${sim.url}/api/v1/instance`);
    await answer.body?.cancel();
    if (answer.status === 200) break;
  }
  using second = await TestClient.subscribed(sim);
  await sim.finished;
  await second.count(40);
  assertEquals(idsOf(second), range(20, 60));
});

Deno.test("fault refuse: may leave streams alone, or hit one half of the interface", async () => {
  const fault = { kind: "refuse", status: 429, ms: 60_000, paths: "rest", cut: false } as const;
  await using sim = await faulty(20, fault);
  using client = await TestClient.subscribed(sim);
  await sim.finished;
  await client.count(60);
  const rest = await fetch(`${sim.url}/api/v1/instance`);
  const health = await fetch(`${sim.url}/api/v1/streaming/health`);
  await rest.body?.cancel();
  await health.body?.cancel();
  assertEquals([rest.status, health.status], [429, 200]);
});

Deno.test("fault revoke: an orderly close with 1005, then 401, until it is restored", async () => {
  await using sim = await faulty(20, { kind: "revoke", restoreAfterMs: 400 });
  const first = await TestClient.subscribed(sim);
  const { code, clean } = await first.closed;
  assertEquals([code, clean], [1005, true]);
  assertEquals(idsOf(first), range(0, 20));
  using refused = new TestClient(sim);
  assertMatch((await refused.closed).error, /401/);
  const url = `${sim.url}/api/v1/accounts/verify_credentials`;
  const headers = { Authorization: `Bearer ${sim.token}` };
  for (let status = 401; status !== 200;) {
    const answer = await fetch(url, { headers });
    await answer.body?.cancel();
    status = answer.status;
  }
  using second = await TestClient.subscribed(sim);
  await sim.finished;
  await second.count(40);
});

Deno.test("fault replay: the last frames come once more after the reconnect", async () => {
  await using sim = await faulty(20, { kind: "replay", frames: 5 });
  const first = await TestClient.subscribed(sim);
  await first.closed;
  using second = await TestClient.subscribed(sim);
  await sim.finished;
  await second.count(45);
  assertEquals(idsOf(second), [...range(15, 20), ...range(20, 60)]);
  assertEquals(sim.ledger.counts.duplicates, 5);
  assertEquals(sim.truth.counts.duplicates, 0);
});

Deno.test("fault skew: the server's clock is off in its headers", async () => {
  await using sim = await startSimulator({ source: plainSource(0), faults: [] });
  const day = 86_400_000;
  await sim.inject({ kind: "skew", ms: day });
  const response = await fetch(`${sim.url}/api/v1/instance`);
  await response.body?.cancel();
  const ahead = Date.parse(response.headers.get("date") ?? "") - Date.now();
  assert(Math.abs(ahead - day) < 60_000);
  const reset = Date.parse(response.headers.get("x-ratelimit-reset") ?? "");
  assert(Math.abs(reset - Date.now() - day) < 600_000);
});

Deno.test("faults: can be injected at any time, before, while and after it plays", async () => {
  await using sim = await startSimulator({
    source: plainSource(2000),
    pace: { rate: 500 },
    faults: [],
  });
  await sim.inject({ kind: "error", error: "before" });
  const first = await TestClient.subscribed(sim);
  await first.count(5);
  await sim.inject({ kind: "cut" });
  await first.closed;
  const atFrame = sim.ledger.faults[1]?.atFrame ?? 0;
  assert(atFrame >= 5 && atFrame < 2000);
  assertEquals(idsOf(first), range(0, atFrame));
});

Deno.test("faults: 40 cuts in a row lose and double nothing", async () => {
  const faults = Array.from({ length: 40 }, (_, i) => ({
    at: (i + 1) * 25,
    fault: { kind: "cut", midFrame: i % 2 === 0 } as const,
  }));
  await using sim = await startSimulator({ source: plainSource(1050), faults });
  const ids: string[] = [];
  let played = false;
  sim.finished.then(() => played = true);
  while (!played) {
    using client = await TestClient.subscribed(sim);
    await Promise.race([client.closed, sim.finished.then(() => client.count(50 - 25))]);
    ids.push(...idsOf(client));
  }
  assertEquals(ids, range(0, 1050));
  assertEquals(sim.ledger.faults.length, 40);
});
