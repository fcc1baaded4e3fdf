import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { testDatabase } from "../db/_test_database.ts";
import { insertGaps, saveIngestPositions } from "../ingest/ingest_store.ts";
import { startSimulator } from "../mastodon/simulator/mod.ts";
import { plainSource } from "../mastodon/simulator/_test_client.ts";
import { check, checkIngest, checkServer, checkSettings, findingLine } from "./doctor.ts";

const streams = [{ kind: "public" }] as const;

Deno.test("checkServer() finds nothing wrong where nothing is", async () => {
  await using sim = await startSimulator({ source: plainSource(0) });
  const findings = await checkServer({ baseUrl: sim.url, token: sim.token, streams });
  assertEquals(findings.map(({ level }) => level), ["ok", "ok", "ok", "ok"]);
  assertStringIncludes(
    findings.map(findingLine).join("\n"),
    "ok       server pulse.example: Mastodon",
  );
});

Deno.test("checkServer() says what is wrong and how to mend it", async () => {
  const closed = { source: plainSource(0), publicTimeline: "closed" } as const;
  await using sim = await startSimulator({ ...closed, faults: [] });
  const lines = async (token: string | null) =>
    (await checkServer({ baseUrl: sim.url, token, streams })).map(findingLine).join("\n");
  const wrong = await lines("s3cret-and-wrong");
  assertMatch(wrong, /^problem +token of pulse\.example: wrong or revoked: make one at http/m);
  assertEquals(wrong.includes("s3cret"), false);
  assertMatch(await lines(null), /^warning +token of pulse\.example: there is none/m);
  assertMatch(await lines(sim.token), /^warning +timeline public of pulse\.example: closed/m);
  await sim.inject({ kind: "refuse", status: 503, ms: 60_000, paths: "streaming" });
  assertMatch(await lines(sim.token), /^problem +streaming of pulse\.example: .* says 503/m);
});

Deno.test("check() turns an error into a finding without secrets", async () => {
  const run = () => Promise.reject(new Error("login with hunter2!\nfailed"));
  assertEquals(await check("database", { run, secrets: ["hunter2!"] }), [
    { level: "problem", what: "database", detail: "login with *** failed" },
  ]);
});

Deno.test("checkIngest() shows positions, open gaps and the spool", async () => {
  await using db = await testDatabase();
  const source = { instance: "a.example", stream: "public" };
  await saveIngestPositions(db, [
    { ...source, baseUrl: "https://a.example", lastId: "17", seenMs: 1_800_000_000_000 },
  ]);
  const gap = {
    ...source,
    fromId: "1",
    toId: "2",
    fromMs: 1_800_000_000_000,
    toMs: 1_800_000_060_000,
    reason: "Unexpected EOF",
    outcome: "closed",
    detail: "it answers 403",
    fetched: 0,
    filled: 0,
    isOpen: true,
  };
  await insertGaps(db, [gap, { ...gap, isOpen: false }]);
  const options = { spooledBytes: 2_500_000, now: () => 1_800_000_300_000 };
  assertEquals((await checkIngest(db, options)).map(findingLine), [
    "ok       position in public of a.example: toot 17, heard 5 min ago",
    "warning  gap in public of a.example: 2027-01-15T08:00:00.000Z to 2027-01-15T08:01:00.000Z " +
    "(Unexpected EOF): 0 toots fetched, then closed, it answers 403",
    'warning  spool: 2.5 MB wait for the log: "deno task ingest" drains it',
  ]);
});

Deno.test("checkSettings() asks about what is allowed and seldom meant", () => {
  const config = {
    AUTHOR_IDS: "plain",
    RETENTION_DAYS: null,
    TOMBSTONE_DAYS: 7,
    CONSENT: "respect",
  };
  const levels = checkSettings({ ...config, AUTHOR_IDS: "plain", CONSENT: "respect" });
  assertEquals(levels.map(({ what }) => what), ["settings", "AUTHOR_IDS", "RETENTION_DAYS"]);
});
