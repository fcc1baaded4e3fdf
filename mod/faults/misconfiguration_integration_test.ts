import { assert, assertEquals } from "@std/assert";
import { migrate, readMigrations } from "../db/migrations.ts";
import {
  freePort,
  type PostgresServer,
  type RunningProcess,
  startKafka,
  startTask,
} from "../testing/mod.ts";
import { drained } from "./_load.ts";
import { simulatedRecords } from "./_records.ts";
import { appendAll, openAt, type Rig, startRig } from "./_rig.ts";

const PG_PASSWORD = "open-sesame-7";
const KAFKA_LOGIN = { username: "alice", password: "kafka-secret-7" };
const SECRETS = [PG_PASSWORD, KAFKA_LOGIN.password, "wrong-secret"];
const ENDS_WITHIN_MS = 30_000;
const TMPFS_MB = 40;

/** What Deno itself says of permissions in deno.json. */
const DENO_OWN = /Warning.*Permissions in the config file/;

/** A job with something wrong in its settings: what it is told, and what it must say. */
interface Case {
  readonly job: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly says: readonly string[];
}

Deno.test("a job says in one line what is wrong with its servers, and exits non-zero", async () => {
  await using rig = await startRig({ postgres: { password: PG_PASSWORD } });
  await using guarded = await startKafka({ sasl: KAFKA_LOGIN });
  const topics = await rig.makeTopics(1);
  const place = await rig.makePlace();
  const good = { ...rig.env(place, topics), LOG_LEVEL: "warning" };
  const { port } = rig.postgres;
  const nobody = `127.0.0.1:${freePort()}`;
  const sasl = {
    KAFKA_BROKERS: guarded.bootstrap,
    KAFKA_SASL_MECHANISM: "scram-sha-256",
    KAFKA_SASL_USERNAME: KAFKA_LOGIN.username,
  };
  await rig.postgres.psql("CREATE ROLE powerless LOGIN PASSWORD 'wrong-secret'");
  await rig.postgres.psql("CREATE DATABASE bare");
  const wrongBroker = { ...good, KAFKA_BROKERS: nobody };
  const refused = { ...good, PG_URL: `postgresql://pulse:wrong-secret@127.0.0.1:${port}/pulse` };
  const cases: Case[] = [
    ...["stream", "ingest", "topics", "errors"].map((job) => (
      { job, env: wrongBroker, says: [`"${nobody}" does not answer`, "correct KAFKA_BROKERS"] }
    )),
    ...["stream", "predict", "batch", "charts", "export", "errors"].map((job) => (
      { job, env: refused, says: ["password authentication failed", "correct PG_USER and PG_PASS"] }
    )),
    {
      job: "stream",
      args: ["--workers", "2"],
      env: refused,
      says: ["password authentication failed", "correct PG_USER and PG_PASS"],
    },
    {
      job: "stream",
      env: { ...good, PG_URL: `postgresql://pulse:x@${nobody}/pulse` },
      says: ["does not answer", nobody, "start it or correct PG_URL"],
    },
    {
      job: "stream",
      env: { ...good, PG_URL: place.url.replace(place.name, "elsewhere") },
      says: ['database "elsewhere" does not exist', "correct PG_URL"],
    },
    {
      job: "stream",
      env: { ...good, PG_URL: `postgresql://powerless:wrong-secret@127.0.0.1:${port}/bare` },
      says: ["permission denied for database bare", "as the database's owner"],
    },
    {
      job: "stream",
      env: { ...good, PG_URL: place.url.replace(`pulse:${PG_PASSWORD}`, "powerless:wrong-secret") },
      says: ["permission denied for schema masto", "sql/grants.sql"],
    },
    {
      job: "stream",
      env: { ...good, ...sasl, KAFKA_SASL_PASSWORD: "wrong-secret" },
      says: ['refuses the login of "alice"', "correct KAFKA_SASL_USERNAME"],
    },
    {
      job: "stream",
      env: { ...good, KAFKA_TOPIC: "nowhere" },
      says: ['Topic "nowhere" does not exist', 'create it with "deno task topics"'],
    },
    {
      job: "stream",
      args: ["--workers", "2"],
      env: { ...good, KAFKA_TOPIC: "nowhere" },
      says: ['Topic "nowhere" does not exist', 'create it with "deno task topics"'],
    },
  ];
  const problems: string[] = [];
  for (const wrong of cases) problems.push(...await problemsOf(wrong));
  assertEquals(problems, []);
});

async function problemsOf({ job, args = [], env, says }: Case): Promise<string[]> {
  const base = { MASTODON_BASE_URL: "http://127.0.0.1:9" };
  await using running = await startTask(job, args, { env: { ...base, ...env } });
  const { code } = await running.end(ENDS_WITHIN_MS);
  const name = [job, ...args].join(" ");
  const problems: string[] = [];
  const complain = (problem: string) =>
    void problems.push(`${name} (${says[0]}) ${problem}:\n${running.output}`);
  if (code === 0) complain("exits with 0");
  const lines = running.lines.filter((line) => !DENO_OWN.test(line));
  if (lines.length !== 1) complain(`says ${lines.length} lines`);
  for (const part of says) if (!running.output.includes(part)) complain(`does not say "${part}"`);
  for (const secret of SECRETS) if (running.output.includes(secret)) complain("tells a secret");
  return problems;
}

const whyNoDisk = await noTmpfs();

Deno.test({
  name: `a full disk is said once and waited out${whyNoDisk === null ? "" : `: ${whyNoDisk}`}`,
  ignore: whyNoDisk !== null,
  async fn() {
    await using rig = await startRig();
    await using disk = await smallDisk(rig.postgres);
    const topics = await rig.makeTopics(2);
    const url = await makeDatabaseOn(rig, disk.folder);
    await appendAll(rig.log, {
      topic: topics.topic,
      records: simulatedRecords({ seed: 21, events: 12_000, rates: { malformed: 0 } }),
    });
    await using db = openAt(url);
    await migrate(db, await readMigrations());
    await fill(disk.folder, 1024 * 1024);
    await using job = await startTask("stream", ["--no-sentiment"], {
      env: rig.env({ url }, topics),
    });
    await job.waitForLine(/does not serve us.*No space left on device.*trying until it does/, {
      timeoutMs: 60_000,
    });
    await new Promise((resolve) => setTimeout(resolve, 3000));
    assert(job.running, job.output);
    assertEquals(count(job, /No space left/), 1, job.output);
    await Deno.remove(`${disk.folder}/ballast`);
    await job.waitForLine(/The database serves us again/, { timeoutMs: 30_000 });
    await drained(db, { log: rig.log, topic: topics.topic });
    assertEquals((await job.interrupt()).code, 0, job.output);
  },
});

function count({ lines }: RunningProcess, pattern: RegExp): number {
  return lines.filter((line) => pattern.test(line)).length;
}

/** A file system of a few MB that the server may write to. */
async function smallDisk(
  server: PostgresServer,
): Promise<{ folder: string } & AsyncDisposable> {
  const parent = await Deno.makeTempDir({ prefix: "mastodon-pulse-disk-" });
  const { uid, gid } = await Deno.stat(`${server.socketDir}/data`);
  await Deno.chmod(parent, 0o755);
  await run(["mount", "-t", "tmpfs", "-o", `size=${TMPFS_MB}m`, "tmpfs", parent]);
  const folder = `${parent}/space`;
  await Deno.mkdir(folder);
  await Deno.chown(folder, uid ?? 0, gid ?? 0);
  return {
    folder,
    async [Symbol.asyncDispose]() {
      await server.immediateStop();
      await run(["umount", "-l", parent]);
      await Deno.remove(parent);
    },
  };
}

async function makeDatabaseOn(rig: Rig, folder: string): Promise<string> {
  await rig.postgres.psql(`CREATE TABLESPACE small LOCATION '${folder}'`);
  await rig.postgres.psql("CREATE DATABASE crowded TABLESPACE small");
  return Object.assign(new URL(rig.postgres.url), { pathname: "/crowded" }).href;
}

/** Takes all room but `spare` bytes. */
async function fill(folder: string, spare: number): Promise<void> {
  const block = new Uint8Array(64 * 1024).fill(1);
  using file = await Deno.open(`${folder}/ballast`, { write: true, create: true });
  const size = TMPFS_MB * 1024 * 1024 - await used(folder) - spare;
  for (let left = size; left > 0; left -= block.length) await file.write(block);
}

async function used(folder: string): Promise<number> {
  const text = await run(["df", "-B1", "--output=used", folder]);
  return Number(text.trim().split("\n").at(-1));
}

/** Why no small file system can be made here; null if one can. */
async function noTmpfs(): Promise<string | null> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return "needs root on Linux to mount a disk";
  const folder = await Deno.makeTempDir();
  try {
    await run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]);
    await run(["umount", folder]);
    return null;
  } catch (error) {
    return `no disk can be mounted: ${error instanceof Error ? error.message.trim() : error}`;
  } finally {
    await Deno.remove(folder);
  }
}

async function run([program, ...args]: [string, ...string[]]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}
