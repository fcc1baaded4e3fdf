import { assertEquals, assertGreater } from "@std/assert";
import type { Database } from "../db/database.ts";
import { purgeToots } from "../ingest/purge.ts";
import { rescore, type TootScorer } from "../stream/mod.ts";
import { wrongWindows } from "../stream/_wrong_windows.ts";
import { WINDOW_S } from "./_batch.ts";
import { drained, processed, progressBeyond, startLoad } from "./_load.ts";
import { simulatedRecords } from "./_records.ts";
import { openAt, startRig, uniqueName } from "./_rig.ts";
import { plainScorer } from "./_scorer.ts";
import { startWorkerProcess, type WorkerProcessOptions } from "./_worker_process.ts";

Deno.test("purging and scoring anew while two workers write leave windows of the rows", async () => {
  await using rig = await startRig();
  const topics = await rig.makeTopics(4);
  const { topic } = topics;
  const place = await rig.makePlace();
  await using upkeeper = openAt(place.url);
  const options: WorkerProcessOptions = {
    bootstrap: rig.kafka.bootstrap,
    url: place.url,
    ...topics,
    group: uniqueName("upkeep"),
    once: false,
    maxBatchRecords: 50,
    sessionTimeoutMs: 6000,
    kill: null,
    freeze: null,
  };
  await using first = startWorkerProcess(options);
  await using second = startWorkerProcess(options);
  const load = startLoad(rig.log, {
    topic,
    records: simulatedRecords({ seed: 17, events: 12_000 }),
    perSecond: 600,
  });
  await progressBeyond(place.db, { topic, than: 500, what: "the workers to work" });

  let isOver = false;
  const until = () => isOver;
  const upkeep = Promise.all([
    repeated(until, () => purgeSomeAuthor(upkeeper)),
    repeated(until, () => purgeSomeServer(upkeeper)),
    repeated(until, (turn) => scoreAnew(upkeeper, turn)),
  ]);
  const beyond = { topic, than: (await processed(place.db, topic) ?? 0) + 7000, what: "more" };
  await Promise.race([upkeep, progressBeyond(place.db, beyond)]);
  isOver = true;
  const [ofAuthors, ofServers, scored] = await upkeep;
  await load.stop();
  await drained(place.db, { log: rig.log, topic });
  for (const worker of [first, second]) {
    worker.signal("SIGTERM");
    assertEquals((await worker.end()).code, 0, worker.output);
    assertGreater(worker.lines.filter((line) => line.startsWith("done ")).length, 20);
  }
  const done = { ofAuthors, ofServers, scored };
  for (const [what, n] of Object.entries(done)) assertGreater(n, 100, what);

  const held = await place.db.query("SELECT FROM masto.toots_raw");
  assertGreater(held.length, 1000);
  assertEquals(await wrongWindows(place.db, WINDOW_S), []);
  const kept = await place.db.query(
    `SELECT r.id FROM masto.toots_raw r JOIN masto.opt_outs o USING (account_id)
     WHERE r.ingested_at <= o.opted_out_at`,
  );
  assertEquals(kept, [], "toots of purged authors");
});

/** Does something again and again; gives the sum of what it gives. */
async function repeated(
  until: () => boolean,
  work: (turn: number) => Promise<number>,
): Promise<number> {
  let sum = 0;
  for (let turn = 1; !until(); turn++) sum += await work(turn);
  return sum;
}

/** Of a third of the authors and a quarter of the servers, so that there are some left. */
async function purgeSomeAuthor(db: Database): Promise<number> {
  const [row] = await db.query(
    `SELECT account_id FROM masto.toots_raw
     WHERE hashtext(account_id) % 3 = 0 ORDER BY random() LIMIT 1`,
  );
  if (row === undefined) return 0;
  const target = { kind: "author", accountId: String(row.account_id) } as const;
  return await purgeToots(db, { target, options: { dryRun: false, batchSize: 3 } });
}

async function purgeSomeServer(db: Database): Promise<number> {
  const [row] = await db.query(
    `SELECT split_part(uri, '/', 3) AS host FROM masto.toots_raw
     WHERE split_part(uri, '/', 3) <> instance AND hashtext(split_part(uri, '/', 3)) % 4 = 0
     ORDER BY random() LIMIT 1`,
  );
  if (row === undefined) return 0;
  const target = { kind: "domain", domain: String(row.host) } as const;
  return await purgeToots(db, { target, options: { dryRun: false, batchSize: 20 } });
}

async function scoreAnew(db: Database, turn: number): Promise<number> {
  const languages = ["en", "de"];
  const scorer = turn % 2 === 0 ? { ...plainScorer, version: `${turn}` } : opposite(`${turn}`);
  return (await rescore(db, { scorer, languages, batchSize: 50 })).written;
}

/** Scores what is positive as negative and the other way round. */
function opposite(version: string): TootScorer {
  const labels = { positive: "negative", neutral: "neutral", negative: "positive" } as const;
  return {
    version,
    score(text, lang) {
      const score = plainScorer.score(text, lang);
      if (score === null) return null;
      const probability = Math.round((1 - score.probability) * 1e6) / 1e6;
      return { lang: score.lang, probability, label: labels[score.label] };
    },
  };
}
