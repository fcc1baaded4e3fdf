import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { isRecord } from "./_guard.ts";
import { idsOf, plainSource, range, TestClient, until } from "./_test_client.ts";
import { encodeFrame } from "./frames.ts";
import { generatorSource } from "./generator.ts";
import { startSimulator } from "./server.ts";

async function getJson(url: string, token?: string): Promise<[Response, unknown]> {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  const response = await fetch(url, { headers });
  return [response, await response.json()];
}

Deno.test("simulator: a subscriber gets every frame of the source, byte for byte", async () => {
  const source = generatorSource({ events: 1200, hugeBytes: 1_500_000 });
  await using sim = await startSimulator({ source });
  using client = await TestClient.subscribed(sim);
  assertEquals(await sim.finished, true);
  await client.count(1200);
  const expected = [...source.frames()].map((frame) => encodeFrame(frame, ["public"]));
  assertEquals(client.messages, expected);
  assertEquals(sim.ledger.counts.frames, 1200);
  assertEquals(sim.ledger.counts, sim.truth.counts);
  assertEquals(client.socket.protocol, sim.token);
  assertEquals(sim.tokensInUrls, 0);
});

Deno.test("simulator: a wrong, a missing and no token are refused, a bearer is taken", async () => {
  await using sim = await startSimulator({ source: plainSource(1), token: "right" });
  for (const token of ["wrong", ""]) {
    using client = new TestClient(sim, { token });
    const { code, error } = await client.closed;
    assertEquals(code, 0);
    assertMatch(error, /401/);
  }
  const url = `${sim.url}/api/v1/streaming/public`;
  const [missing, body] = await getJson(url);
  assertEquals([missing.status, body], [401, { error: "Missing access token" }]);
  const [wrong, why] = await getJson(url, "wrong");
  assertEquals([wrong.status, why], [401, { error: "Invalid access token" }]);
  const stream = await fetch(url, { headers: { Authorization: "Bearer right" } });
  assertEquals(stream.status, 200);
  await stream.body?.cancel();
  using inUrl = new TestClient(sim, { token: "", query: "?access_token=right&stream=public" });
  await inUrl.opened;
  assertEquals(sim.tokensInUrls, 1);
});

Deno.test("simulator: health answers without a token", async () => {
  await using sim = await startSimulator({ source: plainSource(0) });
  const response = await fetch(`${sim.url}/api/v1/streaming/health`);
  assertEquals([response.status, await response.text()], [200, "OK"]);
});

Deno.test("simulator: streams are filtered, and named in their frames", async () => {
  await using sim = await startSimulator({
    source: plainSource(6, ["cats"]),
    lists: new Map([["5", new Set(["1"])]]),
    // Slow enough for all subscriptions to be in place by the second frame; the first is not
    // looked at.
    pace: { rate: 20 },
  });
  using client = new TestClient(sim);
  await client.opened;
  client.ask({ type: "subscribe", stream: "public:local" });
  client.ask({ type: "subscribe", stream: "public:remote" });
  client.ask({ type: "subscribe", stream: "hashtag", tag: "Cats" });
  client.ask({ type: "subscribe", stream: "hashtag", tag: "dogs" });
  client.ask({ type: "subscribe", stream: "list", list: "5" });
  await sim.finished;
  const later = () => client.objects.filter(({ payload }) => !/"1001"/.test(String(payload)));
  await until(() => later().length >= 12);
  const seen = new Map<string, number>();
  for (const { stream } of later()) {
    const key = JSON.stringify(stream);
    seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  assertEquals(
    seen,
    new Map([
      ['["public:local"]', 2],
      ['["hashtag","Cats"]', 5],
      ['["public:remote"]', 3],
      ['["list","5"]', 2],
    ]),
  );
  // One status is one entry in the books, however many streams carried it.
  assertEquals(sim.ledger.counts.frames, 6);
});

Deno.test("simulator: errors come in band, the socket stays open, nonsense is ignored", async () => {
  await using sim = await startSimulator({ source: plainSource(1) });
  using client = new TestClient(sim);
  await client.opened;
  client.socket.send("not json");
  client.ask([1]);
  client.ask({ type: "dance" });
  client.ask({ type: "subscribe", stream: "everything" });
  client.ask({ type: "subscribe", stream: "hashtag" });
  client.ask({ type: "subscribe", stream: "list", list: "99" });
  await client.count(3);
  assertEquals(client.objects, [
    { error: "Unknown stream type", status: 400 },
    { error: "Missing tag name parameter", status: 400 },
    { error: "Not authorized to stream this list", status: 401 },
  ]);
  assertEquals(sim.ledger.counts.errorFrames, 3);
  client.ask({ type: "subscribe", stream: "public" });
  await client.count(4);
});

Deno.test("simulator: unsubscribing stops the frames, and with them the source", async () => {
  await using sim = await startSimulator({ source: plainSource(100_000), pace: { rate: 500 } });
  using client = await TestClient.subscribed(sim);
  await client.count(5);
  client.ask({ type: "unsubscribe", stream: "public" });
  // An answer to a later request shows that the earlier one has been dealt with.
  client.ask({ type: "subscribe", stream: "nowhere" });
  await until(() => client.objects.some((one) => "error" in one));
  // A frame may have been under way; after that the source stands still for a dozen frames' time.
  const settled = async () => {
    const { played } = sim;
    await new Promise((resolve) => setTimeout(resolve, 50));
    return sim.played === played;
  };
  while (!await settled());
  const { played } = sim;
  await new Promise((resolve) => setTimeout(resolve, 100));
  assertEquals(sim.played, played);
  assert(played < 100_000);
});

Deno.test("simulator: event streams begin with :) and carry events without ids", async () => {
  await using sim = await startSimulator({ source: plainSource(2) });
  const response = await fetch(`${sim.url}/api/v1/streaming/public/local`, {
    headers: { Authorization: `Bearer ${sim.token}` },
  });
  assertEquals(response.headers.get("content-type"), "text/event-stream");
  let text = "";
  assert(response.body !== null);
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.endsWith("\n\n")) break;
  }
  const [first] = await Array.fromAsync(plainSource(2).frames());
  assertEquals(text, `:)\nevent: update\ndata: ${first?.payload}\n\n`);
});

Deno.test("simulator: describes itself in both versions, the newer since 4.0", async () => {
  await using sim = await startSimulator({ source: plainSource(0) });
  const [, v2] = await getJson(`${sim.url}/api/v2/instance`);
  const [, v1] = await getJson(`${sim.url}/api/v1/instance`);
  assert(isRecord(v2) && isRecord(v1));
  assertEquals(v2["configuration"], { urls: { streaming: sim.streamingUrl } });
  assertEquals(v1["urls"], { streaming_api: sim.streamingUrl });
  assertEquals([v1["version"], v2["version"]], ["4.5.0", "4.5.0"]);
  await using old = await startSimulator({ source: plainSource(0), version: "3.4.1" });
  assertEquals((await getJson(`${old.url}/api/v2/instance`))[0].status, 404);
  assertEquals((await getJson(`${old.url}/api/v1/instance`))[0].status, 200);
});

Deno.test("simulator: credentials tell a good token from a bad one", async () => {
  await using sim = await startSimulator({ source: plainSource(0) });
  const url = `${sim.url}/api/v1/accounts/verify_credentials`;
  assertEquals((await getJson(url, sim.token))[0].status, 200);
  assertEquals((await getJson(url, "wrong"))[0].status, 401);
  assertEquals((await getJson(url))[0].status, 401);
});

Deno.test("simulator: the public timeline pages forward and links its neighbours", async () => {
  await using sim = await startSimulator({ source: plainSource(100) });
  using client = await TestClient.subscribed(sim);
  await sim.finished;
  const seen: string[] = [];
  for (let last = "0";;) {
    const url = `${sim.url}/api/v1/timelines/public?min_id=${last}&limit=40`;
    const [response, page] = await getJson(url);
    assert(Array.isArray(page));
    const ids = page.filter(isRecord).map(({ id }) => String(id));
    if (ids[0] === undefined) break;
    assertMatch(response.headers.get("link") ?? "", new RegExp(`min_id=${ids[0]}>; rel="prev"`));
    seen.push(...ids.toReversed());
    last = ids[0];
  }
  assertEquals(seen, range(0, 100));
  assertEquals(idsOf(client).slice(0, 3), range(0, 3));
});

Deno.test("simulator: the rate limit counts down and ends in 429", async () => {
  await using sim = await startSimulator({
    source: plainSource(0),
    rateLimit: { limit: 3, periodMs: 86_400_000 },
  });
  const url = `${sim.url}/api/v1/timelines/public`;
  const left: (string | null)[] = [];
  for (let i = 0; i < 3; i++) {
    const [response] = await getJson(url, sim.token);
    assertEquals(response.headers.get("x-ratelimit-limit"), "3");
    left.push(response.headers.get("x-ratelimit-remaining"));
  }
  assertEquals(left, ["2", "1", "0"]);
  const [response, body] = await getJson(url, sim.token);
  assertEquals([response.status, body], [429, { error: "Too many requests" }]);
  assertMatch(response.headers.get("x-ratelimit-reset") ?? "", /^\d{4}-\d\d-\d\dT00:00:00.000Z$/);
  // Another caller has a budget of its own.
  assertEquals((await getJson(url))[0].status, 200);
});

Deno.test("simulator: the public timeline can be closed, to strangers or to all", async () => {
  const source = plainSource(0);
  await using some = await startSimulator({ source, publicTimeline: "authenticated" });
  const url = `${some.url}/api/v1/timelines/public`;
  assertEquals((await getJson(url))[0].status, 422);
  assertEquals((await getJson(url, some.token))[0].status, 200);
  assertEquals((await getJson(url, "wrong"))[0].status, 401);
  await using none = await startSimulator({ source, publicTimeline: "closed" });
  assertEquals((await getJson(`${none.url}/api/v1/timelines/public`, none.token))[0].status, 403);
});

Deno.test("simulator: waits while nobody listens, and goes on where it was", async () => {
  await using sim = await startSimulator({ source: plainSource(40), pace: { rate: 200 } });
  assertEquals(sim.played, 0);
  const first = await TestClient.subscribed(sim);
  await first.count(3);
  first.socket.close();
  await first.closed;
  await until(() => sim.connections === 0);
  using second = await TestClient.subscribed(sim);
  await sim.finished;
  await until(() => idsOf(second).at(-1) === "1040");
  // What was on its way to the first when it left is the only thing that may be lost.
  const ids = [...idsOf(first), ...idsOf(second)];
  assertEquals(new Set(ids).size, ids.length);
  assertEquals(sim.truth.counts.frames, 40);
});

Deno.test("simulator: told to continue, it goes on alone and keeps both books", async () => {
  await using sim = await startSimulator({
    source: plainSource(60),
    pace: { rate: 400 },
    whileAway: "continue",
  });
  const first = await TestClient.subscribed(sim);
  await first.count(3);
  first.socket.close();
  assertEquals(await sim.finished, true);
  assertEquals(sim.truth.counts.originals, 60);
  assert(sim.ledger.counts.originals < 60);
  const [, page] = await getJson(`${sim.url}/api/v1/timelines/public?min_id=1055`);
  assert(Array.isArray(page));
  assertEquals(page.filter(isRecord).map(({ id }) => id), range(55, 60).toReversed());
});

Deno.test("simulator: a slow reader holds the source back", async () => {
  await using sim = await startSimulator({
    source: generatorSource({ events: 50_000, hugeStatuses: 0 }),
    faults: [],
  });
  // A reader that subscribes and then reads nothing at all.
  const { hostname, port } = new URL(sim.url);
  using conn = await Deno.connect({ hostname, port: Number(port) });
  const key = btoa("0123456789abcdef");
  await conn.write(new TextEncoder().encode(
    `GET /api/v1/streaming?stream=public HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n` +
      `Connection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n` +
      `Sec-WebSocket-Protocol: ${sim.token}\r\n\r\n`,
  ));
  await until(() => sim.played > 1000);
  let before = -1;
  for (let i = 0; i < 200 && before !== sim.played; i++) {
    before = sim.played;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assertEquals(sim.played, before);
  assert(sim.played < 50_000, `${sim.played} frames were played to nobody`);
});

Deno.test("simulator: closes in the middle, says so, and frees its port", async () => {
  const sim = await startSimulator({ source: plainSource(100_000), pace: { rate: 100 } });
  using client = await TestClient.subscribed(sim);
  await client.count(2);
  await sim.close();
  assertEquals(await sim.finished, false);
  await client.closed;
  await assertRejects(() => fetch(`${sim.url}/api/v1/instance`));
});

Deno.test("simulator: a taken port and a broken source are reported", async () => {
  await using sim = await startSimulator({ source: plainSource(0) });
  const port = Number(new URL(sim.url).port);
  await assertRejects(
    () => startSimulator({ source: plainSource(0), port }),
    Deno.errors.AddrInUse,
  );
  const source = {
    label: "broken",
    // deno-lint-ignore require-yield
    *frames() {
      throw new Error("The source broke");
    },
  };
  await using broken = await startSimulator({ source });
  await assertRejects(() => broken.finished, Error, "The source broke");
});
