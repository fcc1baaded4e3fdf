import { assert, assertEquals, assertLess } from "@std/assert";
import type { PostgresServer } from "../testing/mod.ts";
import { type RunningProcess, startTask, waitUntil } from "../testing/mod.ts";
import { oneShot } from "./_batch.ts";
import { FREEZE_MOMENTS, type FreezeOptions } from "./_freeze_switch.ts";
import { drained, processed, progressBeyond, startLoad } from "./_load.ts";
import { simulatedRecords } from "./_records.ts";
import { appendAll, startRig, uniqueName } from "./_rig.ts";
import { plainScorer } from "./_scorer.ts";
import { assertSameTables, dump } from "./_tables.ts";
import { startWorkerProcess, type WorkerProcessOptions } from "./_worker_process.ts";

const MAX_RECOVERY_MS = 30_000;

Deno.test("workers 1 → 3 → 1 under load: nothing lost, nothing twice", async () => {
  await using rig = await startRig();
  const topics = await rig.makeTopics(4);
  const place = await rig.makePlace();
  const { topic } = topics;
  const env = rig.env(place, topics);
  const start = () => startTask("stream", ["--no-sentiment", "--progress-every", "1"], { env });
  await using first = await start();
  const load = startLoad(rig.log, {
    topic,
    records: simulatedRecords({ seed: 3, events: 60_000 }),
  });
  await progressBeyond(place.db, { topic, than: 500, what: "one worker to work" });

  await using second = await start();
  await using third = await start();
  const three = [first, second, third];
  // Records of the same windows lie in partitions of different workers.
  await Promise.all(three.map((job) => worksFrom(job, job.lines.length)));

  assertEquals((await second.interrupt()).code, 0, second.output);
  const killedAt = performance.now();
  await third.kill9();
  const positions = await partitionOffsets(place.db);
  await waitUntil(async () => {
    const now = await partitionOffsets(place.db);
    return positions.every((offset, partition) => (now[partition] ?? 0) > offset);
  }, { what: "all partitions to move on with one worker", timeoutMs: 60_000 });
  const recoveryMs = performance.now() - killedAt;
  assertLess(recoveryMs, MAX_RECOVERY_MS);
  await worksFrom(first, first.lines.length);

  await load.stop();
  await drained(place.db, { log: rig.log, topic, detail: () => first.lines.slice(-9).join("\n") });
  assertEquals((await first.interrupt()).code, 0, first.output);
  await using last = await startTask("stream", ["--once", "--no-sentiment"], { env });
  assertEquals((await last.end()).code, 0, last.output);
  const expected = await oneShot(rig, { topics, scorer: null });
  assertSameTables(await dump(place.db), expected, { what: "After 1 → 3 → 1 workers" });
  report(`1 → 3 → 1 workers: ${load.sent} records, killed one missed for ${seconds(recoveryMs)} s`);
});

for (const moment of FREEZE_MOMENTS) {
  Deno.test(`a worker frozen ${moment}, past its session, is fenced when it wakes up`, async () => {
    await using rig = await startRig({
      kafka: { properties: { "group.min.session.timeout.ms": "1000" } },
    });
    const topics = await rig.makeTopics(4);
    const place = await rig.makePlace();
    const { topic } = topics;
    const records = simulatedRecords({ seed: 5, events: 6000 });
    const options: WorkerProcessOptions = {
      bootstrap: rig.kafka.bootstrap,
      url: place.url,
      ...topics,
      group: uniqueName("zombies"),
      once: false,
      maxBatchRecords: 40,
      sessionTimeoutMs: 2000,
      kill: null,
      freeze: null,
    };
    await appendAll(rig.log, { topic, records: records.slice(0, 4000) });
    const freeze: Pick<FreezeOptions, "batch" | "moment"> = { batch: 5, moment };
    await using zombie = startWorkerProcess({ ...options, freeze });
    await zombie.waitForLine(/^freezing/);
    await waitUntil(() => isStopped(zombie.pid), { what: "it to stop", timeoutMs: 5000 });
    const frozenAt = performance.now();
    const atFreeze = await processed(place.db, topic) ?? 0;

    await using heir = startWorkerProcess(options);
    await drained(place.db, { log: rig.log, topic, detail: () => heir.lines.slice(-9).join("\n") });
    const recoveryMs = performance.now() - frozenAt;
    assertLess(recoveryMs, MAX_RECOVERY_MS);
    assert(await isStopped(zombie.pid), zombie.output);
    assertLess(atFreeze, await processed(place.db, topic) ?? 0);
    if (moment !== "before begin") await assertSessionEnded(rig.postgres);

    zombie.resume();
    await zombie.waitForLine(/^thawed$/);
    await zombie.waitForLine(/^FencedError: Another worker moved/);
    assert(!zombie.lines.includes("committed"), zombie.output);

    // It is a worker again, and a harmless one.
    await appendAll(rig.log, { topic, records: records.slice(4000) });
    await drained(place.db, { log: rig.log, topic });
    for (const worker of [zombie, heir]) {
      worker.signal("SIGTERM");
      assertEquals((await worker.end()).code, 0, worker.output);
    }
    await using last = startWorkerProcess({ ...options, once: true });
    assertEquals((await last.end()).code, 0, last.output);
    const expected = await oneShot(rig, { topics, scorer: plainScorer });
    assertSameTables(await dump(place.db), expected, { what: `After a worker frozen ${moment}` });
    report(`frozen ${moment}: all processed by the next one after ${seconds(recoveryMs)} s`);
  });
}

/** Waits until a job reports new records. */
function worksFrom(job: RunningProcess, after: number): Promise<string> {
  return job.waitForLine(/"numInputRows":[1-9]/, { after, timeoutMs: 60_000 });
}

async function partitionOffsets(db: Parameters<typeof processed>[0]): Promise<number[]> {
  const rows = await db.query(
    "SELECT next_offset::float8 AS n FROM masto.stream_progress ORDER BY partition",
  );
  return rows.map(({ n }) => Number(n));
}

/** Whether a process is stopped by a signal, as /proc tells. */
async function isStopped(pid: number): Promise<boolean> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).startsWith("T");
}

/** The server gave the frozen worker's transaction up, and with it the lock on its partition. */
async function assertSessionEnded(postgres: PostgresServer): Promise<void> {
  const log = await postgres.logTail(200);
  assert(log.includes("terminating connection due to idle-in-transaction timeout"), log);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

/** Figures for whoever reads the test's output. */
function report(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
