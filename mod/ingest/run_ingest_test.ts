import { assert, assertEquals } from "@std/assert";
import { plainSource } from "../mastodon/simulator/_test_client.ts";
import { startSimulator } from "../mastodon/simulator/mod.ts";
import type { Follow, FollowOptions, StreamEnd } from "../mastodon/stream_end.ts";
import { waitUntil } from "../testing/wait_until.ts";
import { rig } from "./_rig.ts";

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
