import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { followEventStream } from "../mastodon/event_stream.ts";
import type { ServerInfo } from "../mastodon/server.ts";
import { TokenRefusedError } from "../mastodon/server.ts";
import type { Follow, FollowOptions, StreamEnd } from "../mastodon/stream_end.ts";
import { backoffMs, LONGEST_MS } from "./backoff.ts";
import { MOST_CONNECTS, PERIOD_MS } from "./connect_budget.ts";
import { systemClock } from "./clock.ts";
import { FakeClock } from "./_fake_clock.ts";
import { Gate } from "./gate.ts";
import { supervise, type SupervisorOptions } from "./supervisor.ts";

const server: ServerInfo = {
  baseUrl: "https://a.example",
  instance: "a.example",
  streamingUrl: "wss://a.example",
  version: "4.5.0",
};
const CUT: StreamEnd = { opened: true, detail: "Unexpected EOF", status: null, retryAfterMs: null };
const ERROR = '{"error":"Access to resource not authorized","status":401}';
const EVENT = '{"stream":["public"],"event":"delete","payload":"1"}';

/** Runs a supervisor against scripted connections on a clock that the test moves. */
function rig(follow: Follow, more: Partial<SupervisorOptions> = {}) {
  const clock = new FakeClock();
  const stop = new AbortController();
  const connects: number[] = [];
  const ends: { end: StreamEnd; retryInMs: number; at: number }[] = [];
  const running = supervise({
    server,
    token: "t0ken",
    stream: { kind: "public" },
    onFrame: () => {},
    onEnd: (end, retryInMs) => ends.push({ end, retryInMs, at: clock.now() }),
    signal: stop.signal,
    clock,
    health: () => Promise.resolve({ detail: "fine", isUp: true, retryAfterMs: null }),
    checkToken: () => Promise.resolve("good"),
    ...more,
    follow: (options) => {
      connects.push(clock.now());
      return follow(options);
    },
  });
  running.catch(() => {});
  return {
    clock,
    connects,
    ends,
    running,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running.catch(() => {});
    },
  };
}

/** Stays connected until it is told to end. */
function untilAborted(
  { signal }: FollowOptions,
  end: StreamEnd = { ...CUT, detail: "Stopped" },
): Promise<StreamEnd> {
  if (signal.aborted) return Promise.resolve(end);
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(end)));
}

Deno.test("supervise(): 200 disconnects in a row stay under the ceiling rate", async () => {
  // The unluckiest jitter of all: every wait is drawn as 0.
  for (const random of [() => 0, Math.random, () => 0.999999]) {
    await using it = rig(() => Promise.resolve(CUT), { random });
    await it.clock.advanceUntil(() => it.ends.length >= 200);
    const { connects, ends } = it;
    assert(connects.length >= 200);
    for (const [i, { retryInMs }] of ends.entries()) {
      assert(retryInMs <= backoffMs(i + 1, () => 1), `wait ${i} is ${retryInMs} ms`);
      assert(retryInMs <= LONGEST_MS);
    }
    for (let i = MOST_CONNECTS; i < connects.length; i++) {
      const [from = 0, to = 0] = [connects[i - MOST_CONNECTS], connects[i]];
      assert(to - from >= PERIOD_MS, `${MOST_CONNECTS + 1} connections within ${to - from} ms`);
    }
  }
});

Deno.test("supervise(): a connection that lasted a minute makes the next one come soon", async () => {
  let lasts = 0;
  await using it = rig(async ({ signal, onOpen }) => {
    onOpen?.();
    await it.clock.sleep(lasts, signal);
    return CUT;
  }, { random: () => 1 });
  await it.clock.advanceUntil(() => it.ends.length === 5);
  assertEquals(it.ends.map(({ retryInMs }) => retryInMs), [2000, 4000, 8000, 16_000, 32_000]);
  lasts = 61_000;
  await it.clock.advanceUntil(() => it.ends.length === 6);
  assertEquals(it.ends.at(-1)?.retryInMs, 1000);
});

Deno.test("supervise(): silence is noticed within 5 s of the limit", async () => {
  await using it = rig((options) => {
    options.onOpen?.();
    options.onFrame(EVENT);
    return untilAborted(options);
  }, { stallMs: 90_000 });
  await it.clock.advanceUntil(() => it.ends.length === 1);
  const [first] = it.ends;
  const tookMs = (first?.at ?? 0) - (it.connects[0] ?? 0);
  assert(tookMs >= 90_000 && tookMs < 95_000, `took ${tookMs} ms`);
  assertStringIncludes(first?.end.detail ?? "", "Nothing heard for 90 s");
  assertStringIncludes(first?.end.detail ?? "", "fine");
});

Deno.test("supervise(): each event puts the stall off", async () => {
  let send = () => {};
  await using it = rig((options) => {
    options.onOpen?.();
    send = () => options.onFrame(EVENT);
    return untilAborted(options);
  }, { stallMs: 90_000 });
  for (let i = 0; i < 20; i++) {
    await it.clock.advance(80_000);
    send();
  }
  assertEquals([it.connects.length, it.ends.length], [1, 0]);
});

Deno.test("supervise(): a refused token ends it, and only the server's word counts", async () => {
  const refused = { ...CUT, opened: false, status: 401 };
  let asked = 0;
  await using it = rig(() => Promise.resolve(refused), {
    checkToken: () => Promise.resolve(++asked < 3 ? "unknown" : "refused"),
  });
  const failed = assertRejects(() => it.running, TokenRefusedError, "a.example refuses the token");
  await it.clock.advanceUntil(() => asked === 3);
  await failed;
  assertEquals(it.connects.length, 3);
});

Deno.test("supervise(): a server that wants a token when there is none ends it", async () => {
  await using it = rig(() => Promise.resolve({ ...CUT, opened: false, status: 401 }), {
    token: null,
  });
  await assertRejects(() => it.running, TokenRefusedError, "streams to nobody without a token");
});

Deno.test("supervise(): waits as long as Retry-After says", async () => {
  for (const status of [429, 503]) {
    await using it = rig(() => Promise.resolve({ ...CUT, opened: false, status }), {
      health: () => Promise.resolve({ detail: "busy", isUp: false, retryAfterMs: 120_000 }),
    });
    await it.clock.advanceUntil(() => it.ends.length === 3);
    for (const { retryInMs } of it.ends) assert(retryInMs >= 120_000 && retryInMs <= 122_000);
  }
});

Deno.test("supervise(): without Retry-After, 403 and 429 wait by the ceiling from the start", async () => {
  const expected = new Map([[403, 60_000], [429, 60_000], [503, 2000]]);
  for (const [status, ceiling] of expected) {
    await using it = rig(() => Promise.resolve({ ...CUT, opened: false, status }), {
      random: () => 1,
    });
    await it.clock.advanceUntil(() => it.ends.length === 1);
    assertEquals(it.ends[0]?.retryInMs, ceiling, `${status}`);
  }
});

Deno.test("supervise(): an error in answer to the subscription ends the connection", async () => {
  await using it = rig((options) => {
    options.onOpen?.();
    options.onFrame(ERROR);
    return untilAborted(options);
  });
  await it.clock.advanceUntil(() => it.ends.length === 1);
  assertStringIncludes(it.ends[0]?.end.detail ?? "", "Access to resource not authorized");
  assertEquals(it.ends[0]?.end.status, 401);
  assertEquals(it.connects[0], it.ends[0]?.at);
});

Deno.test("supervise(): error frames are no sign of life, an event is", async () => {
  await using it = rig(async (options) => {
    options.onOpen?.();
    options.onFrame(EVENT);
    options.onFrame(ERROR);
    await it.clock.sleep(10_000, options.signal);
    // Events flow again, so that silence may last as long as ever.
    options.onFrame(EVENT);
    await it.clock.sleep(80_000, options.signal);
    options.onFrame(EVENT);
    while (!options.signal.aborted) {
      options.onFrame(ERROR);
      await it.clock.sleep(5000, options.signal);
    }
    return CUT;
  }, { stallMs: 90_000 });
  await it.clock.advanceUntil(() => it.ends.length === 1);
  assertEquals((it.ends[0]?.at ?? 0) - (it.connects[0] ?? 0), 105_000);
});

Deno.test("supervise(): Retry-After of no time waits longer and longer all the same", async () => {
  await using it = rig(() => Promise.resolve({ ...CUT, opened: false, status: 503 }), {
    health: () => Promise.resolve({ detail: "busy", isUp: false, retryAfterMs: 0 }),
    random: () => 1,
  });
  await it.clock.advanceUntil(() => it.ends.length === 7);
  assertEquals(it.ends.map(({ retryInMs }) => retryInMs / 1000), [2, 4, 8, 16, 32, 60, 60]);
});

Deno.test("supervise(): after an error among events silence is noticed sooner", async () => {
  await using it = rig((options) => {
    options.onOpen?.();
    options.onFrame(EVENT);
    options.onFrame(ERROR);
    return untilAborted(options);
  }, { stallMs: 90_000 });
  await it.clock.advanceUntil(() => it.ends.length === 1);
  assertEquals((it.ends[0]?.at ?? 0) - (it.connects[0] ?? 0), 15_000);
});

Deno.test("supervise(): a closed gate ends the connection and keeps from connecting", async () => {
  const gate = new Gate();
  await using it = rig((options) => untilAborted(options), { gate });
  await it.clock.advance(1000);
  assertEquals(it.connects.length, 1);
  gate.close("The spool is full");
  await it.clock.advance(600_000);
  assertEquals([it.connects.length, it.ends[0]?.end.detail], [1, "The spool is full"]);
  gate.open();
  await it.clock.advance(1000);
  assertEquals(it.connects.length, 2);
});

Deno.test("supervise(): an event stream's heartbeats do not put the stall off", async () => {
  let beats = 0;
  await using api = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    let timer: ReturnType<typeof setInterval> | undefined;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        timer = setInterval(() => {
          beats++;
          controller.enqueue(new TextEncoder().encode(":thump\n"));
        }, 20);
      },
      cancel: () => clearInterval(timer),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  });
  const { promise: ended, resolve } = Promise.withResolvers<StreamEnd>();
  const startedMs = performance.now();
  await using _it = rig(followEventStream, {
    server: { ...server, streamingUrl: `ws://127.0.0.1:${api.addr.port}` },
    clock: systemClock,
    stallMs: 500,
    onEnd: resolve,
  });
  const { opened, detail } = await ended;
  const tookMs = performance.now() - startedMs;
  assert(opened && beats > 3, `${beats} heartbeats`);
  assertStringIncludes(detail, "Nothing heard for");
  assert(tookMs >= 500 && tookMs < 5500, `took ${tookMs} ms`);
});
