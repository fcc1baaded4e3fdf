import { assert, assertEquals, assertGreater, assertLess, assertMatch } from "@std/assert";
import { z } from "zod";
import { parseConfig } from "../config/config.ts";
import { migrate, readMigrations } from "../db/migrations.ts";
import { embeddedLog } from "../log/embedded_log.ts";
import type { NewRecord } from "../log/event_log.ts";
import { normalizeFrame } from "../mastodon/normalize.ts";
import { hmacPseudonyms } from "../mastodon/pseudonym.ts";
import { generatorSource, startSimulator } from "../mastodon/simulator/mod.ts";
import { encodeEvent } from "../mastodon/wire.ts";
import { topicSpecs } from "../ops/engines.ts";
import type { RunningProcess } from "../testing/process.ts";
import { waitUntil } from "../testing/wait_until.ts";
import { dumpTables, hashFiles, makePlace, type Place } from "./_demo_process.ts";

/** How long a job may take to end: 5 s, and more only where others crowd the machine. */
function stopMs(): number {
  const [load = 0] = Deno.loadavg();
  return 5000 * Math.max(1, load / navigator.hardwareConcurrency);
}

/** Presses Ctrl-C: the job should end well and soon, and leave no unfinished file. */
async function interrupt(job: RunningProcess, place: Place): Promise<void> {
  assert(job.running, `It ended before it was asked to:\n${job.output}`);
  const { code, signal } = await job.interrupt(stopMs());
  assertEquals({ code, signal }, { code: 0, signal: null }, job.output);
  const files = Object.keys(await hashFiles(place.reports));
  assertEquals(files.filter((name) => !/^[a-z0-9_]+\.(csv|svg|png)$/.test(name)), []);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until a job has the database open. */
function isOpen(job: RunningProcess, place: Place): Promise<true> {
  return waitUntil(async () => {
    const owner = await Deno.readTextFile(`${place.path}/pg.lock`).catch(() => "");
    return owner.trim() === String(job.pid);
  }, { what: "the job to open its database", timeoutMs: 60_000, detail: () => job.output });
}

async function toEnd(job: RunningProcess): Promise<void> {
  const { code } = await job.end(240_000);
  assertEquals(code, 0, job.output);
}

async function readTables(place: Place): Promise<Record<string, string[]>> {
  await using db = await place.open();
  return await dumpTables(db);
}

/** A log with the events of a made-up stream, read by nobody yet. */
async function fillLog(place: Place, events: number): Promise<void> {
  const config = parseConfig({});
  await using db = await place.open();
  await migrate(db, await readMigrations());
  const log = embeddedLog(db);
  await log.createTopics(topicSpecs(config));
  const rules = {
    instance: "pulse.example",
    consent: "respect",
    pseudonym: hmacPseudonyms("a key for tests"),
    keepRaw: false,
  } as const;
  const records: NewRecord[] = [];
  for (const { event, payload } of generatorSource({ events, hugeStatuses: 0 }).frames()) {
    const outcome = normalizeFrame({ event: event ?? "", payload: payload ?? "" }, rules);
    if (outcome.kind !== "event") continue;
    records.push({ key: outcome.event.id, value: encodeEvent(outcome.event) });
  }
  for (let at = 0; at < records.length; at += 5000) {
    await log.append(config.KAFKA_TOPIC, records.slice(at, at + 5000));
  }
}

/** A second place with the same content. */
async function copyOf(place: Place): Promise<Place> {
  const copy = await makePlace();
  const { code } = await new Deno.Command("cp", {
    args: ["-r", `${place.path}/.`, copy.path],
  }).output();
  assertEquals(code, 0);
  return copy;
}

Deno.test("ctrl-c ends the demo in good order, whatever it is at", async () => {
  await using undisturbed = await makePlace();
  const started = performance.now();
  await using whole = await undisturbed.start("demo", ["--events", "3000"]);
  await toEnd(whole);
  const wholeMs = performance.now() - started;

  await using place = await makePlace();
  for (const share of [0, 0.3, 0.5, 0.7]) {
    for (let delay = wholeMs * share;; delay *= 0.7) {
      await using demo = await place.start("demo", ["--events", "3000"]);
      await demo.waitForLine(/^Mastodon Pulse demo/, { timeoutMs: 60_000 });
      await pause(delay);
      // This run may have been faster than the first one.
      if (!demo.running) continue;
      await interrupt(demo, place);
      break;
    }
  }
  await using again = await place.start("demo", ["--events", "3000"]);
  await toEnd(again);
  assertEquals(await readTables(place), await readTables(undisturbed));
});

Deno.test("ctrl-c ends a busy stream in good order, and it goes on where it was", async () => {
  await using undisturbed = await makePlace();
  await fillLog(undisturbed, 20_000);
  await using place = await copyOf(undisturbed);
  await using whole = await undisturbed.start("stream", ["--once"]);
  await toEnd(whole);

  await using busy = await place.start("stream", ["--progress-every", "1"]);
  await busy.waitForLine(/numInputRows/, { timeoutMs: 60_000 });
  await interrupt(busy, place);
  await using rest = await place.start("stream", ["--once"]);
  await toEnd(rest);
  assertEquals(await readTables(place), await readTables(undisturbed));

  await using idle = await place.start("stream");
  await isOpen(idle, place);
  await pause(1000);
  await interrupt(idle, place);
});

Deno.test("ctrl-c ends predict in good order, and it goes on where it was", async () => {
  await using undisturbed = await makePlace();
  await fillLog(undisturbed, 20_000);
  {
    await using place = await copyOf(undisturbed);
    await using unscored = await place.start("stream", ["--once", "--no-sentiment"]);
    await toEnd(unscored);
    for (let delay = 700;; delay *= 0.6) {
      await using predict = await place.start("predict");
      await isOpen(predict, place);
      await pause(delay);
      if (predict.running) await interrupt(predict, place);
      if (/^Stopped: \d+ toots are scored/m.test(predict.output)) break;
      // It was too fast: once more from the beginning.
      assertMatch(predict.output, /^Batch prediction finished/m);
      await using db = await place.open();
      await db.script("DELETE FROM masto.toots_sentiment; DELETE FROM masto.sentiment_sums");
    }
    await using rest = await place.start("predict");
    await toEnd(rest);
    await using whole = await undisturbed.start("stream", ["--once"]);
    await toEnd(whole);
    const [tables, wanted] = [await readTables(place), await readTables(undisturbed)];
    for (const name of ["toots_sentiment", "sentiment_sums", "sentiment_windowed"]) {
      assertGreater(wanted[name]?.length ?? 0, 0);
      assertEquals(tables[name], wanted[name], name);
    }
  }
});

const eventKey = z.object({
  type: z.string(),
  id: z.string(),
  toot: z.object({ edited_at: z.string().nullable() }).optional(),
}).transform(({ type, id, toot }) => `${type} ${id} ${toot?.edited_at ?? ""}`);

Deno.test("ctrl-c ends ingest in good order: what it took is in the log, without a gap", async () => {
  const source = generatorSource({ seed: 5, events: 5000, hugeStatuses: 0 });
  await using simulator = await startSimulator({ source, pace: { rate: 400 } });
  await using place = await makePlace();
  await using ingest = await place.start("ingest", [], {
    MASTODON_BASE_URL: simulator.url,
    MASTODON_ACCESS_TOKEN: simulator.token,
  });
  await waitUntil(() => simulator.played > 600, {
    what: "ingest to follow",
    timeoutMs: 60_000,
    detail: () => ingest.output,
  });
  await interrupt(ingest, place);

  const rules = {
    instance: "pulse.example",
    consent: "respect",
    pseudonym: null,
    keepRaw: false,
  } as const;
  const sent = new Set<string>();
  for (const { event, payload, raw } of source.frames()) {
    if (raw !== undefined) continue;
    const outcome = normalizeFrame({ event: event ?? "", payload: payload ?? "" }, rules);
    if (outcome.kind === "event") sent.add(eventKey.parse(outcome.event));
  }
  await using db = await place.open();
  const rows = await db.query(
    `SELECT convert_from(value, 'UTF8')::jsonb AS event FROM masto.log_records
     WHERE topic = 'mastodon_stream'`,
  );
  const kept = new Set(rows.map(({ event }) => eventKey.parse(event)));
  for (const key of kept) if (key.startsWith("opt_out")) kept.delete(key);
  assertGreater(kept.size, 300);
  assertLess(kept.size, sent.size, "it should have been interrupted before the end");
  assertEquals(kept, new Set([...sent].slice(0, kept.size)));
});

Deno.test("ctrl-c ends the simulator in good order, with its books", async () => {
  await using place = await makePlace();
  await using simulate = await place.start("simulate", ["--port", "0", "--rate", "200"]);
  const line = await simulate.waitForLine(/^Mastodon simulator on (http:\S+?);/);
  const url = /http:\S+?(?=;)/.exec(line)?.[0] ?? "";
  const socket = new WebSocket(
    `${url.replace("http", "ws")}/api/v1/streaming?stream=public`,
    ["simulator-token"],
  );
  const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
  let frames = 0;
  socket.addEventListener("message", () => frames++);
  await waitUntil(() => frames > 50, {
    what: "frames",
    timeoutMs: 30_000,
    detail: () => simulate.output,
  });
  await interrupt(simulate, place);
  socket.close();
  await closed;
  const books = z.object({ frames: z.number() }).parse(
    JSON.parse(simulate.output.slice(simulate.output.indexOf("\n{\n"))),
  );
  assertGreater(books.frames, 50);
});

Deno.test("ctrl-c ends training in good order, without half a model", async () => {
  await using place = await makePlace();
  const rows = Array.from({ length: 400_000 }, (_, i) => {
    const words = `word${i % 97} thing${i % 1013} place${i % 31} ${i % 2 ? "good" : "bad"} n${i}`;
    return `"${i % 2 ? 4 : 0}","${i}","Mon Apr 06 22:19:45 PDT 2009","NO_QUERY","u${i}","${words}"`;
  });
  await Deno.writeTextFile(`${place.path}/rows.csv`, rows.join("\n") + "\n");
  const out = `${place.dataDir}/model`;
  await using train = await place.start("train", [
    "--data",
    `${place.dataDir}/rows.csv`,
    "--out",
    out,
  ]);
  await pause(3000);
  await interrupt(train, place);
  assertEquals(await hashFiles(`${place.path}/model`), {});
});
