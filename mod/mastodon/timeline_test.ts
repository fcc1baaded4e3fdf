import { assert, assertEquals } from "@std/assert";
import { plainSource, TestClient } from "./simulator/_test_client.ts";
import { startSimulator } from "./simulator/mod.ts";
import { parseStreamName } from "./stream_name.ts";
import { type PageAnswer, timelinePage } from "./timeline.ts";

const stream = { kind: "public" } as const;

Deno.test("timelinePage() pages forward, oldest first", async () => {
  await using sim = await startSimulator({ source: plainSource(100) });
  using _client = await TestClient.subscribed(sim);
  await sim.finished;
  const ask = (minId: string | null) =>
    timelinePage({ baseUrl: sim.url, token: sim.token, stream, minId });
  const page = await ask("1010");
  assert(page.kind === "page");
  assertEquals(
    page.statuses.map(({ id }) => id),
    Array.from({ length: 40 }, (_, i) => `${1011 + i}`),
  );
  assertEquals(JSON.parse(page.statuses[0]?.payload ?? "").content, "<p>Number 10</p>");
  assertEquals(page.limit?.remaining, 299);
  const end = await ask("1100");
  assert(end.kind === "page");
  assertEquals(end.statuses, []);
  const newest = await ask(null);
  assert(newest.kind === "page");
  assertEquals(
    newest.statuses.map(({ id }) => id),
    Array.from({ length: 40 }, (_, i) => `${1061 + i}`),
  );
});

/** What comes of one answer. */
async function answerTo(response: () => Response, name = "public"): Promise<[PageAnswer, string]> {
  let asked = "";
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) => {
      asked = new URL(request.url).pathname + new URL(request.url).search;
      return response();
    },
  );
  const answer = await timelinePage({
    baseUrl: `http://127.0.0.1:${server.addr.port}`,
    token: "t0ken",
    stream: parseStreamName(name),
    minId: "17",
  });
  return [answer, asked];
}

Deno.test("timelinePage() asks for the stream that was missed", async () => {
  const asked = async (name: string) => (await answerTo(() => new Response("[]"), name))[1];
  const common = "min_id=17&limit=40";
  assertEquals(await asked("public"), `/api/v1/timelines/public?${common}`);
  assertEquals(await asked("public/local"), `/api/v1/timelines/public?${common}&local=true`);
  assertEquals(await asked("public/remote"), `/api/v1/timelines/public?${common}&remote=true`);
  assertEquals(
    await asked("hashtag:猫"),
    `/api/v1/timelines/tag/${encodeURIComponent("猫")}?${common}`,
  );
});

Deno.test("timelinePage() tells what a server's no means", async () => {
  const kinds = new Map([[401, "refused"], [403, "closed"], [422, "closed"], [500, "failed"]]);
  for (const [status, kind] of kinds) {
    assertEquals((await answerTo(() => new Response("", { status })))[0].kind, kind);
  }
  const headers = { "retry-after": "30" };
  assertEquals((await answerTo(() => new Response("", { status: 429, headers })))[0], {
    kind: "limited",
    retryMs: 30_000,
  });
  // A redirect would take the token to another host.
  const elsewhere = { status: 302, headers: { location: "http://127.0.0.1:1/" } };
  assertEquals((await answerTo(() => new Response("", elsewhere)))[0].kind, "failed");
});

Deno.test("timelinePage() takes no nonsense", async () => {
  for (const body of ["", "<html>", "{}", "null", '[{"id":5}]', '[{"uri":"no id"}]', "[7]"]) {
    assertEquals((await answerTo(() => new Response(body)))[0].kind, "failed", body);
  }
  const [answer] = await answerTo(() =>
    new Response('[{"id":"9"},{"id":"x"},{"id":"10"},{"id":"99999999999999999999"}]')
  );
  assert(answer.kind === "page");
  assertEquals(answer.statuses.map(({ id }) => id), ["9", "10"]);
});
