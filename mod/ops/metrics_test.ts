import { assert, assertEquals, assertMatch } from "@std/assert";
import { bump, newIngestCounts } from "../ingest/ingest_counts.ts";
import { ingestIsLive, ingestIsReady } from "../ingest/ingest_health.ts";
import type { IngestStatus } from "../ingest/run_ingest.ts";
import { startHealthServer } from "./health_server.ts";
import { ingestMetrics } from "./metrics.ts";

const NOW = 1_800_000_000_000;

function status(): IngestStatus {
  const counts = newIngestCounts();
  Object.assign(counts, { frames: 7, connects: 3, gapsOpen: 1, backfilled: 5 });
  counts.lastFrameMs = NOW - 2500;
  counts.newestEventMs = NOW - 4000;
  bump(counts.events, "update");
  bump(counts.events, "opt_out");
  bump(counts.skipped, "boost");
  return {
    sources: [{
      instance: "a.example",
      stream: "public",
      counts,
      isFollowed: true,
      isGivenUp: false,
    }],
    pending: 11,
    spooledBytes: 4096,
    gateReason: null,
    isLogUp: true,
  };
}

Deno.test("ingestMetrics() shows the status as of the scrape, however often", async () => {
  const page = ingestMetrics(status, () => NOW);
  const source = 'instance="a.example",stream="public"';
  for (const text of [await page.text(), await page.text()]) {
    const lines = new Set(text.split("\n"));
    for (
      const line of [
        `pulse_ingest_frames_total{${source}} 7`,
        `pulse_ingest_backfilled_total{${source}} 5`,
        `pulse_ingest_reconnects_total{${source}} 2`,
        `pulse_ingest_events_total{${source},type="opt_out"} 1`,
        `pulse_ingest_skipped_total{${source},reason="boost"} 1`,
        `pulse_ingest_gaps_total{${source},state="open"} 1`,
        `pulse_ingest_last_event_age_seconds{${source}} 2.5`,
        `pulse_ingest_event_lag_seconds{${source}} 4`,
        `pulse_ingest_caught_up{${source}} 0`,
        "pulse_ingest_queue_entries 11",
        "pulse_ingest_spool_bytes 4096",
        "pulse_ingest_log_up 1",
        "pulse_ingest_sources_followed 1",
      ]
    ) assertEquals(lines.has(line), true, `${line} is missing in\n${text}`);
  }
});

Deno.test("ingestIsReady() says what is wrong", () => {
  const at = { stallMs: 90_000, now: NOW };
  assertEquals(ingestIsReady(status(), at), { isOk: true, detail: "ready" });
  assertEquals(ingestIsReady({ ...status(), isLogUp: false }, at).detail, "the log takes nothing");
  assertEquals(
    ingestIsReady(status(), { ...at, now: NOW + 100_000 }).detail,
    "public of a.example has brought nothing for 103 s",
  );
  const [source] = status().sources;
  assert(source !== undefined);
  const givenUp = [{ ...source, isFollowed: false, isGivenUp: true }];
  assertEquals(
    ingestIsReady({ ...status(), sources: givenUp }, at).detail,
    "public of a.example was given up",
  );
  const unreached = { ...source, instance: "https://b.example", isFollowed: false };
  assertEquals(ingestIsReady({ ...status(), sources: [unreached] }, at), {
    isOk: false,
    detail: "public of https://b.example is not reached yet",
  });
  assertEquals(ingestIsReady({ ...status(), sources: [source, ...givenUp] }, at), {
    isOk: true,
    detail: "ready, but public of a.example was given up",
  });
  assertEquals(ingestIsLive(NOW - 1000, NOW).isOk, true);
  assertEquals(ingestIsLive(NOW - 61_000, NOW).isOk, false);
});

Deno.test("startHealthServer() answers with the state, on loopback alone", async () => {
  let isOk = true;
  await using server = startHealthServer({
    port: 0,
    metrics: ingestMetrics(status, () => NOW),
    live: () => ({ isOk: true, detail: "alive" }),
    ready: () => ({ isOk, detail: isOk ? "ready" : "the log takes nothing" }),
  });
  const ask = async (path: string, method = "GET") => {
    const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
    return [answer.status, await answer.text()] as const;
  };
  assertEquals(await ask("/healthz"), [200, "alive\n"]);
  assertEquals(await ask("/readyz"), [200, "ready\n"]);
  isOk = false;
  assertEquals(await ask("/readyz"), [503, "the log takes nothing\n"]);
  assertMatch((await ask("/metrics"))[1], /^pulse_ingest_frames_total\{.*\} 7$/m);
  assertEquals((await ask("/nothing"))[0], 404);
  assertEquals((await ask("/healthz", "POST"))[0], 405);
});
