import { assert, assertEquals } from "@std/assert";
import { testDatabase } from "../db/_test_database.ts";
import type { Follow, FollowOptions, StreamEnd } from "../mastodon/stream_end.ts";
import { PAGE_SIZE, type PageAnswer, type PageQuery } from "../mastodon/timeline.ts";
import { decodeEvent } from "../mastodon/wire.ts";
import { FakeClock } from "./_fake_clock.ts";
import { MemoryLog } from "./_memory_log.ts";
import { Bookkeeper } from "./bookkeeper.ts";
import { followSource } from "./follower.ts";
import { readGaps } from "./ingest_store.ts";
import { Intake } from "./intake.ts";
import { Merger } from "./merger.ts";
import { Outbox } from "./outbox.ts";

const CUT: StreamEnd = { opened: true, detail: "Unexpected EOF", status: null, retryAfterMs: null };
const SOURCE = { instance: "a.example", stream: "public" };
/** Ids are snowflakes, one toot a second, from this instant on. */
const START_MS = Date.UTC(2026, 0, 5);

/** The id of the toot of a second. */
function idAt(second: number): string {
  return (BigInt(START_MS + second * 1000) << 16n).toString();
}

function status(id: string, edited: string | null = null): string {
  return JSON.stringify({
    id,
    uri: `https://a.example/${id}`,
    created_at: new Date(Number(BigInt(id) >> 16n)).toISOString(),
    edited_at: edited,
    content: "<p>tea</p>",
    visibility: "public",
    account: { id: "1", acct: "ann", note: "" },
  });
}

function update(id: string): string {
  return JSON.stringify({ stream: ["public"], event: "update", payload: status(id) });
}

function edit(id: string): string {
  const payload = status(id, "2026-01-06T00:00:00.000Z");
  return JSON.stringify({ stream: ["public"], event: "status.update", payload });
}

/** Follows a server whose connections and timeline are scripted, on a clock that the test moves. */
async function rig(
  { follow, timeline, pageMs = 0, lastSecond = null, stallMs = 90_000, overlapMs = 60_000 }: {
    follow: (options: FollowOptions, clock: FakeClock) => Promise<StreamEnd>;
    /** What the timeline shows, in ascending order; null: it cannot be read. */
    timeline: () => readonly string[] | null;
    pageMs?: number;
    /** The toot up to which an earlier run came. */
    lastSecond?: number | null;
    stallMs?: number;
    overlapMs?: number;
  },
) {
  const clock = new FakeClock();
  const db = await testDatabase();
  const log = new MemoryLog(1);
  const outbox = new Outbox({ log, clock });
  const books = new Bookkeeper(db);
  if (lastSecond !== null) {
    const at = { baseUrl: "https://a.example", lastId: idAt(lastSecond), seenMs: clock.now() };
    books.load([{ ...SOURCE, ...at }]);
  }
  const stop = new AbortController();
  const said: string[] = [];
  const asked: PageQuery[] = [];
  let intake: Intake | null = null;
  const running = followSource({
    server: {
      baseUrl: "https://a.example",
      instance: "a.example",
      streamingUrl: "wss://a.example",
      version: "4.5.0",
    },
    token: null,
    stream: { kind: "public" },
    intake: (push) =>
      intake = new Intake({
        topic: "events",
        errorTopic: "errors",
        rules: { instance: "a.example", consent: "respect", pseudonym: null, keepRaw: false },
        merger: new Merger(),
        push,
        now: () => clock.now(),
      }),
    outbox,
    books,
    say: (_level, line) => said.push(line),
    signal: stop.signal,
    follow: (options) => follow(options, clock),
    page: async (query): Promise<PageAnswer> => {
      asked.push(query);
      const { minId } = query;
      if (pageMs > 0) await clock.sleep(pageMs, query.signal ?? stop.signal);
      const all = timeline();
      if (all === null) return { kind: "failed", detail: "it answers 503" };
      const ids = minId === null
        ? all.slice(-PAGE_SIZE)
        : all.filter((id) => BigInt(id) > BigInt(minId)).slice(0, PAGE_SIZE);
      const statuses = ids.map((id) => ({ id, payload: status(id) }));
      return { kind: "page", statuses, limit: null };
    },
    health: () => Promise.resolve({ detail: "fine", isUp: true, retryAfterMs: null }),
    stallMs,
    overlapMs,
    clock,
    random: () => 0.1,
  });
  return {
    clock,
    said,
    asked,
    books,
    /** Ids of what is in the log, in order. */
    ids: () => log.records().map(({ value }) => decodeEvent(value).id),
    isCaughtUp: () => intake?.counts.caughtUp ?? false,
    connects: () => intake?.counts.connects ?? 0,
    async gaps() {
      await books.save();
      return (await readGaps(db)).toReversed();
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

/** Stays connected, and brings nothing more, until it is told to end. */
function untilAborted({ signal }: FollowOptions): Promise<StreamEnd> {
  if (signal.aborted) return Promise.resolve(CUT);
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(CUT)));
}

/** Connects, and brings nothing. */
const silent: Follow = (options) => {
  options.onOpen?.();
  return untilAborted(options);
};

function seconds(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => idAt(from + i));
}

Deno.test("a fill comes to its end though the stream stalls before each of its pages has come", async () => {
  const all = seconds(0, 1000);
  await using it = await rig({
    follow: silent,
    timeline: () => all,
    lastSecond: 0,
    pageMs: 7000,
    stallMs: 5000,
  });
  // 26 pages of 7 s each, and some more.
  await it.clock.advance(400_000);
  assertEquals(it.ids(), all);
  assert(it.connects() > 10, `there were ${it.connects()} connections`);
  const [first] = await it.gaps();
  assertEquals([first?.outcome, first?.reason], ["filled", "Ingest was not running"]);
});

Deno.test("a long overlap is not fetched again and again while the stream stalls", async () => {
  const all = seconds(0, 1000);
  await using it = await rig({
    follow: silent,
    timeline: () => all,
    lastSecond: 990,
    pageMs: 1000,
    // Ten pages' worth and more, within which every connection ends.
    overlapMs: 800_000,
    stallMs: 5000,
  });
  await it.clock.advance(60_000);
  const [first] = await it.gaps();
  assertEquals(first?.outcome, "filled");
});

Deno.test("neither an old toot's edit nor a late toot at the start of a connection ends its fill", async () => {
  const all = seconds(0, 1000);
  for (const frame of [edit(idAt(5)), update(idAt(5))]) {
    await using it = await rig({
      follow: (options) => {
        options.onOpen?.();
        options.onFrame(frame);
        return untilAborted(options);
      },
      timeline: () => all,
      lastSecond: 300,
      pageMs: 1000,
    });
    await it.clock.advanceUntil(() => it.isCaughtUp());
    const [gap] = await it.gaps();
    assertEquals(gap?.outcome, "filled");
    const there = new Set(it.ids());
    assertEquals(seconds(301, 1000).filter((id) => !there.has(id)), []);
  }
});

Deno.test("a fill behind a busy stream ends where the stream was when it went live", async () => {
  // More is published while a page is fetched than it brings.
  let end = 1000;
  await using it = await rig({
    follow: async (options, clock) => {
      options.onOpen?.();
      while (!options.signal.aborted) {
        await clock.sleep(1000, options.signal);
        for (const id of seconds(end, end + 50)) options.onFrame(update(id));
        end += 50;
      }
      return CUT;
    },
    timeline: () => seconds(0, end),
    lastSecond: 300,
    pageMs: 1000,
  });
  await it.clock.advanceUntil(() => it.isCaughtUp());
  assertEquals((await it.gaps()).map(({ outcome }) => outcome), ["filled"]);
  assert(it.asked.length < 60, `${it.asked.length} pages were asked for`);
  const there = new Set(it.ids());
  assertEquals(seconds(301, end).filter((id) => !there.has(id)), []);
});

Deno.test("what is missed while a fill is under way has a gap and a fill of its own", async () => {
  let end = 400;
  let connection = 0;
  await using it = await rig({
    follow: async (options, clock) => {
      options.onOpen?.();
      // Lives for 10 s with a toot a second; those of the time between are in the timeline alone.
      connection++;
      const last = connection === 3 ? Infinity : 10;
      for (let i = 0; i < last && !options.signal.aborted; i++) {
        await clock.sleep(1000, options.signal);
        options.onFrame(update(idAt(end++)));
      }
      end += 20;
      return CUT;
    },
    timeline: () => seconds(0, end),
    lastSecond: 300,
    pageMs: 5000,
  });
  // The first fill takes four pages and longer than its connection lasts.
  await it.clock.advanceUntil(() => it.connects() === 2);
  assertEquals(await it.gaps(), []);
  await it.clock.advanceUntil(() => it.connects() === 3 && it.isCaughtUp());
  const gaps = await it.gaps();
  assert(gaps.length >= 2);
  assertEquals(new Set(gaps.map(({ outcome }) => outcome)), new Set(["filled"]));
  const there = it.ids();
  assertEquals(new Set(there).size, there.length);
  assertEquals(seconds(301, end).filter((id) => !there.includes(id)), []);
});

Deno.test("while a fill goes on without a connection the position stays where the stream was", async () => {
  let end = 1000;
  let isFirst = true;
  await using it = await rig({
    follow: async (options, clock) => {
      if (!isFirst) {
        // The server refuses for hours, and its timeline goes on.
        return { ...CUT, opened: false, status: 503 };
      }
      isFirst = false;
      options.onOpen?.();
      await clock.sleep(5000, options.signal);
      options.onFrame(update(idAt(end++)));
      await clock.sleep(5000, options.signal);
      return CUT;
    },
    timeline: () => seconds(0, end),
    lastSecond: 300,
    pageMs: 2000,
  });
  await it.clock.advance(20_000);
  end += 500;
  await it.clock.advance(3_600_000);
  // A toot that arrives late may lie below what the fill has seen since, and the next one must
  // look for it from where the stream was last heard.
  assertEquals(it.books.position(SOURCE)?.lastId, idAt(1000));
  assertEquals((await it.gaps()).length, 1);
  assertEquals(it.isCaughtUp(), false);
});

for (const streaming of ["up", "down as well"]) {
  Deno.test(`503 for two minutes loses nothing, with streaming ${streaming}`, async () => {
    let downUntil = 0;
    let refusals = 0;
    let end = 100;
    await using it = await rig({
      follow: async (options, clock) => {
        if (streaming !== "up" && clock.now() < downUntil) {
          refusals++;
          return { ...CUT, opened: false, status: 503 };
        }
        options.onOpen?.();
        const isFirst = downUntil === 0;
        do {
          options.onFrame(update(idAt(end++)));
          await clock.sleep(1000, options.signal);
        } while (!isFirst && !options.signal.aborted);
        downUntil ||= clock.now() + 120_000;
        end += 50;
        return CUT;
      },
      timeline: () => {
        if (it.clock.now() >= downUntil) return seconds(0, end);
        refusals++;
        return null;
      },
    });
    await it.clock.advance(119_000);
    assert(refusals > 3 && refusals < 60, `it was refused ${refusals} times`);
    assertEquals(it.isCaughtUp(), false);
    await it.clock.advance(120_000);
    assertEquals((await it.gaps()).map(({ outcome }) => outcome), ["filled"]);
    const there = new Set(it.ids());
    assertEquals(seconds(100, end).filter((id) => !there.has(id)), []);
  });
}

Deno.test("a gap lasts until the stream is known to be live, not until its connection opens", async () => {
  // A subscription is not acknowledged: what is published meanwhile is missed as well.
  for (const [firstMs, expectedMs] of [[700, 700], [50_000, 2000]] as const) {
    let openedMs = 0;
    await using it = await rig({
      follow: async (options, clock) => {
        openedMs = clock.now();
        options.onOpen?.();
        await clock.sleep(firstMs, options.signal);
        options.onFrame(update(idAt(2000)));
        return await untilAborted(options);
      },
      timeline: () => seconds(0, 1000),
      lastSecond: 300,
      pageMs: 10,
    });
    await it.clock.advanceUntil(() => it.isCaughtUp());
    const [gap] = await it.gaps();
    assertEquals((gap?.toMs ?? 0) - openedMs, expectedMs);
  }
});
