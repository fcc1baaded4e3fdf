import { assert, assertEquals } from "@std/assert";
import type { PageAnswer, PageQuery } from "../mastodon/timeline.ts";
import { backfill, type BackfillOptions } from "./backfill.ts";
import { FakeClock } from "./_fake_clock.ts";

const server = {
  baseUrl: "https://a.example",
  instance: "a.example",
  streamingUrl: "wss://a.example",
  version: "4.5.0",
};

/** Fills from a timeline of ids 1 to `last`, or from what `page` says. */
async function fill(
  last: number,
  more: Partial<BackfillOptions> & { answer?: (query: PageQuery, n: number) => PageAnswer | null } =
    {},
) {
  const clock = new FakeClock();
  const started = clock.now();
  const ids: number[] = [];
  let asked = 0;
  const page = (query: PageQuery): Promise<PageAnswer> => {
    const special = more.answer?.(query, asked);
    asked++;
    if (special !== null && special !== undefined) return Promise.resolve(special);
    const from = query.minId === null ? Math.max(1, last - 39) : Number(query.minId) + 1;
    const count = Math.max(0, Math.min(40, last - from + 1));
    const statuses = Array.from(
      { length: count },
      (_, i) => ({ id: `${from + i}`, payload: "{}" }),
    );
    return Promise.resolve({ kind: "page", statuses, limit: null });
  };
  const running = backfill({
    server,
    token: null,
    stream: { kind: "public" },
    minId: "0",
    maxStatuses: 1000,
    notBefore: clock.now() + 2000,
    onPage: (statuses) => {
      ids.push(...statuses.map(({ id }) => Number(id)));
      return Promise.resolve();
    },
    signal: new AbortController().signal,
    clock,
    random: () => 0.5,
    page,
    ...more,
  });
  let done = false;
  running.then(() => done = true);
  await clock.advanceUntil(() => done);
  return { result: await running, ids, asked, tookMs: clock.now() - started };
}

Deno.test("backfill() fetches all there is, and looks again once the stream is live", async () => {
  const { result, ids, asked, tookMs } = await fill(100);
  assertEquals(ids, Array.from({ length: 100 }, (_, i) => i + 1));
  assertEquals(result, { outcome: "filled", detail: "", fetched: 100, reachedId: "100" });
  assertEquals([asked, tookMs], [5, 2000]);
});

Deno.test("backfill() ends at what was the newest when the stream went live", async () => {
  const { result, ids } = await fill(1000, {
    notBefore: 0,
    answer: ({ minId }) => {
      if (minId !== null) return null;
      return { kind: "page", statuses: [{ id: "95", payload: "{}" }], limit: null };
    },
  });
  assertEquals(result.outcome, "filled");
  assertEquals(ids.length, 120);
});

Deno.test("backfill() stops at its bound", async () => {
  const { result } = await fill(10_000, { maxStatuses: 200 });
  assertEquals([result.outcome, result.fetched, result.reachedId], ["bounded", 200, "200"]);
});

Deno.test("backfill() waits as the rate limit says, and leaves a few requests to others", async () => {
  const resets: number[] = [];
  const { result, tookMs } = await fill(400, {
    answer: ({ minId }, n) => {
      const remaining = 15 - n % 6;
      if (remaining === 10) resets.push(n);
      const from = Number(minId ?? 360) + 1;
      const statuses = from > 400 ? [] : [{ id: `${from + 39}`, payload: "{}" }];
      return { kind: "page", statuses, limit: { remaining, resetMs: 300_000 } };
    },
  });
  assertEquals(result.outcome, "filled");
  assertEquals(resets, [5]);
  assert(tookMs >= 300_000 && tookMs < 303_000);
});

Deno.test("backfill() waits after 429, tries again after failures, and gives up in the end", async () => {
  const once = await fill(10, {
    answer: (_, n) => n === 0 ? { kind: "limited", retryMs: 90_000 } : null,
  });
  assertEquals(once.result.outcome, "filled");
  assert(once.tookMs >= 90_000 && once.tookMs < 93_000);
  const vaguely = await fill(10, {
    answer: (_, n) => n === 0 ? { kind: "limited", retryMs: null } : null,
  });
  assertEquals(vaguely.result.outcome, "filled");
  assert(vaguely.tookMs >= 60_000 && vaguely.tookMs < 63_000);
  const twice = await fill(10, {
    answer: (_, n) => n < 2 ? { kind: "failed", detail: "502" } : null,
  });
  assertEquals(twice.result.outcome, "filled");
  const never = await fill(10, { answer: () => ({ kind: "failed", detail: "502" }) });
  assertEquals([never.result.outcome, never.result.detail], ["failed", "502"]);
  assert(never.asked >= 8 && never.asked < 20, `it asked ${never.asked} times`);
  assert(never.tookMs >= 300_000 && never.tookMs < 400_000, `it took ${never.tookMs} ms`);
});

Deno.test("backfill() waits longer and longer where it is told not to wait, and gives up in the end", async () => {
  const never = await fill(10, { answer: () => ({ kind: "limited", retryMs: 0 }) });
  assertEquals(never.result.outcome, "failed");
  assertEquals(never.result.detail, "it answers 429 all the time");
  assert(never.tookMs >= 1_800_000 && never.tookMs < 2_000_000, `it took ${never.tookMs} ms`);
  // A user may ask 300 times in 5 minutes.
  assert(never.asked < 100, `it asked ${never.asked} times`);
  const long = await fill(10, {
    answer: (_, n) => n < 3 ? { kind: "limited", retryMs: 1_000_000 } : null,
  });
  assertEquals(long.result.outcome, "failed");
});

Deno.test("backfill() says so if the timeline is closed or the token refused", async () => {
  for (const kind of ["closed", "refused"] as const) {
    const { result } = await fill(10, { answer: () => ({ kind, detail: "it answers 403" }) });
    assertEquals(result.outcome, kind);
  }
});

Deno.test("backfill() does not go round in circles", async () => {
  // A server that ignores min_id.
  const statuses = [{ id: "5", payload: "{}" }];
  const { result, asked } = await fill(10, {
    answer: () => ({ kind: "page", statuses, limit: null }),
    notBefore: 0,
  });
  assertEquals([result.outcome, result.fetched, asked], ["filled", 1, 2]);
});
