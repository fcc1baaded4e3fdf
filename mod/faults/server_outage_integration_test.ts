import { assert, assertEquals, assertLess } from "@std/assert";
import { startPostgres, startTask, waitUntil } from "../testing/mod.ts";
import { oneShot } from "./_batch.ts";
import { drained, progressBeyond, startLoad } from "./_load.ts";
import { seeded, simulatedRecords } from "./_records.ts";
import { openAt, type Rig, startRig } from "./_rig.ts";
import { assertSameTables, dump } from "./_tables.ts";

const OUTAGES = 10;
const MAX_RECOVERY_MS = 30_000;

/** One outage, from the first missing answer to the first one after it. */
interface Fault {
  readonly name: string;
  /** What a worker says when it begins and when it is over. */
  readonly began: RegExp;
  readonly over: RegExp;
  /** Number of the server's process. */
  pid(rig: Rig): number | undefined;
  down(rig: Rig): Promise<void>;
  up(rig: Rig): Promise<void>;
}

const faults: readonly Fault[] = [
  {
    name: "kill -9 of the broker",
    began: /Kafka at .* does not answer/,
    over: /Kafka at .* answers again/,
    pid: ({ kafka }) => kafka.pid,
    down: ({ kafka }) => kafka.kill9(),
    up: ({ kafka }) => kafka.restart(),
  },
  {
    name: "an immediate stop of PostgreSQL",
    began: /The database does not serve us/,
    over: /The database serves us again/,
    pid: ({ postgres }) => postgres.pid,
    down: ({ postgres }) => postgres.immediateStop(),
    up: ({ postgres }) => postgres.start(),
  },
];

for (const fault of faults) {
  Deno.test(`ten times ${fault.name} under load: nothing lost, nothing twice`, async () => {
    await using rig = await startRig();
    const topics = await rig.makeTopics(4);
    const place = await rig.makePlace();
    const { topic } = topics;
    const records = simulatedRecords({ seed: 7, events: 60_000 });
    await using job = await startTask("stream", ["--no-sentiment"], {
      env: rig.env(place, topics),
    });
    const load = startLoad(rig.log, { topic, records });
    const random = seeded(11);
    const recoveries: string[] = [];
    const detail = () => job.lines.slice(-15).join("\n");
    let done = 0;
    for (let n = 1; n <= OUTAGES; n++) {
      done = await progressBeyond(place.db, {
        topic,
        than: done + 100,
        what: `progress before outage ${n}`,
        detail,
      });
      const [pid, said] = [fault.pid(rig), job.lines.length];
      const began = performance.now();
      await fault.down(rig);
      assertEquals(fault.pid(rig), undefined);
      await new Promise((resolve) => setTimeout(resolve, 200 + random() * 1500));
      await fault.up(rig);
      assert(pid !== fault.pid(rig), "the server was not stopped");
      const up = performance.now();
      done = await progressBeyond(place.db, {
        topic,
        than: done + 100,
        what: `progress after outage ${n}`,
        detail,
      });
      const now = performance.now();
      assertLess(now - up, MAX_RECOVERY_MS);
      recoveries.push(`${seconds(now - began)} (${seconds(now - up)})`);
      assert(job.running, job.output);
      await job.waitForLine(fault.began, { after: said });
      await job.waitForLine(fault.over, { after: said });
    }
    await load.stop();
    await drained(place.db, { log: rig.log, topic, detail });
    const lines = job.lines.filter((line) => fault.began.test(line) || fault.over.test(line));
    assertLess(lines.length, 3 * OUTAGES, `too talkative:\n${lines.join("\n")}`);
    const { code } = await job.interrupt();
    assertEquals(code, 0, job.output);
    // Finality moves a little after the last batch; the end of the job does not wait for it.
    await using last = await startTask("stream", ["--once", "--no-sentiment"], {
      env: rig.env(place, topics),
    });
    assertEquals((await last.end()).code, 0, last.output);
    const expected = await oneShot(rig, { topics, scorer: null });
    assertSameTables(await dump(place.db), expected, { what: `After ${fault.name}` });
    // The producer is idempotent and gave no request up: the log holds all that it was given, once.
    const held = [...(await rig.log.offsets(topic)).values()].map(({ end }) => end);
    assertEquals(held.reduce((a, b) => a + b, 0), load.sent);
    report(
      `${fault.name}: ${load.sent} records; seconds from the outage (from the server's return) to ` +
        `the next commit: ${recoveries.join(", ")}`,
    );
  });
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

/** Figures for whoever reads the test's output. */
function report(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

Deno.test("Ctrl-C ends a job that waits for its database in good order", async () => {
  await using postgres = await startPostgres();
  await using job = await startTask("stream", ["--no-sentiment"], {
    env: { PG_URL: postgres.url, LOG_LEVEL: "info" },
  });
  const one = openAt(postgres.url);
  await waitUntil(async () => {
    const rows = await one.query("SELECT to_regclass('masto.stream_progress')::text AS name");
    return rows[0]?.name !== null &&
      (await one.query("SELECT FROM masto.stream_progress")).length > 0;
  }, { what: "the job to begin", timeoutMs: 60_000, detail: () => job.output });
  await one[Symbol.asyncDispose]();
  await postgres.immediateStop();
  await job.waitForLine(/does not serve us/, { timeoutMs: 20_000 });
  assertEquals((await job.interrupt()).code, 0, job.output);
});
