import { assert, assertEquals, assertGreater, assertRejects } from "@std/assert";
import { migrate, readMigrations } from "../db/migrations.ts";
import { deadLetterRecord } from "../log/dead_letter.ts";
import { generatorSource, startSimulator } from "../mastodon/simulator/mod.ts";
import { startTask, waitUntil } from "../testing/mod.ts";
import { simulatedRecords } from "./_records.ts";
import { appendAll, openAt, type Place, type Rig, startRig, type Topics } from "./_rig.ts";

const ROLES = ["ingest", "stream", "predict", "batch", "errors", "purge", "read", "log"] as const;

Deno.test("each job runs under its own role, which may do nothing else", async (t) => {
  await using rig = await startRig();
  const topics = await rig.makeTopics(2);
  const place = await rig.makePlace();
  await appendAll(rig.log, {
    topic: topics.topic,
    records: simulatedRecords({ seed: 17, events: 3000, laterOptOuts: 5 }),
  });
  await grant(rig, place);
  // Twice, as after an update.
  await grant(rig, place);
  for (const role of ROLES) {
    await rig.postgres.psql(`CREATE ROLE ${role}_login LOGIN IN ROLE pulse_${role}`);
  }
  // Where the jobs' permissions let them write.
  const data = decodeURIComponent(new URL("../../data", import.meta.url).pathname);
  await Deno.mkdir(data, { recursive: true });
  const folder = await Deno.makeTempDir({ dir: data, prefix: "grants-" });
  const rows = async (table: string) =>
    Number((await place.db.query(`SELECT count(*) AS n FROM masto.${table}`))[0]?.n);
  try {
    await t.step("stream", async () => {
      await runAs("stream", { rig, place, topics, args: ["--once", "--no-sentiment"] });
      assertGreater(await rows("toots_raw"), 1000);
      assertGreater(await rows("tombstones"), 10);
      assertEquals(await rows("toots_sentiment"), 0);
    });
    await t.step("predict", async () => {
      await runAs("predict", { rig, place, topics });
      assertGreater(await rows("toots_sentiment"), 500);
      // Scores on the way need more: the registry of models, and predictions that go.
      const records = simulatedRecords({ seed: 18, events: 2000 });
      await appendAll(rig.log, { topic: topics.topic, records });
      await runAs("stream", { rig, place, topics, args: ["--once"] });
    });
    await t.step("batch, charts, export", async () => {
      await runAs("batch", { rig, place, topics });
      assertGreater(await rows("batch_groups"), 5);
      const env = { REPORTS_DIR: `${folder}/reports` };
      await runAs("charts", { rig, place, topics, login: "batch_login", env });
      await runAs("export", { rig, place, topics, login: "batch_login", env });
    });
    await t.step("errors", async () => {
      await runAs("errors", { rig, place, topics, args: ["--limit", "1"] });
      const payload = simulatedRecords({ seed: 19, events: 5 })[0]?.value ?? "";
      const source = { topic: topics.topic, partition: 0, offset: 0 };
      const letter = { stage: "stream", reason: "A bug, mended", payload, source } as const;
      await rig.log.append(topics.errorTopic, [
        deadLetterRecord({ ...letter, key: "1", firstSeenMs: Date.now() }),
      ]);
      await runAs("errors", { rig, place, topics, args: ["--replay", "--reason", "A bug"] });
      assertEquals(await rows("replayed_dead_letters"), 1);
    });
    await t.step("ingest", async () => {
      await using server = await startSimulator({
        source: generatorSource({ events: 5000, hugeStatuses: 0 }),
        token: "secret",
        pace: { rate: 100 },
      });
      await using job = await startTask("ingest", [], {
        env: {
          ...env({ rig, place, topics }, "ingest_login"),
          MASTODON_BASE_URL: server.url,
          MASTODON_ACCESS_TOKEN: "secret",
          PSEUDONYM_KEY: "0123456789abcdef0123456789abcdef",
          DATA_DIR: folder,
        },
      });
      await waitUntil(async () => await rows("ingest_positions") > 0 || !job.running, {
        what: "a position to be stored",
        timeoutMs: 30_000,
        detail: () => job.output,
      });
      assert(job.running, job.output);
      assertEquals((await job.interrupt()).code, 0, job.output);
      assert(!/permission denied|does not permit/.test(job.output), job.output);
    });
    await t.step("what a role is not for, it may not do", async () => {
      const refused: readonly (readonly [role: (typeof ROLES)[number], sql: string])[] = [
        ["ingest", "SELECT FROM masto.toots_raw"],
        ["ingest", "DELETE FROM masto.ingest_gaps"],
        ["stream", "CREATE TABLE masto.mine (n int)"],
        ["stream", "TRUNCATE masto.toots_raw"],
        ["stream", "DELETE FROM masto.tombstones"],
        ["stream", "SELECT FROM masto.ingest_positions"],
        ["predict", "DELETE FROM masto.toots_raw"],
        ["predict", "UPDATE masto.toots_raw SET content_txt = ''"],
        ["batch", "UPDATE masto.toots_raw SET lang = 'en'"],
        ["batch", "DELETE FROM masto.toots_sentiment"],
        ["errors", "SELECT FROM masto.toots_raw"],
        ["purge", "INSERT INTO masto.late_events SELECT * FROM masto.late_events"],
        ["purge", "UPDATE masto.toots_raw SET content_txt = ''"],
        ["read", "DELETE FROM masto.toots_raw"],
        ["read", "SELECT FROM masto.log_records"],
        ["log", "SELECT FROM masto.toots_raw"],
      ];
      for (const [role, sql] of refused) {
        await using db = openAt(urlOf(place, `${role}_login`));
        await assertRejects(() => db.query(sql), Error, "permission denied", `${role}: ${sql}`);
      }
    });
    await t.step("what purging takes, its role may do", async () => {
      await using db = openAt(urlOf(place, "purge_login"));
      await db.script(`
        DELETE FROM masto.toots_sentiment WHERE id IN (SELECT id FROM masto.toots_raw LIMIT 5);
        DELETE FROM masto.late_events;
        SELECT FROM masto.toots_raw LIMIT 5 FOR UPDATE;
        INSERT INTO masto.tombstones SELECT instance, id, now() FROM masto.toots_raw LIMIT 5;
        DELETE FROM masto.toots_raw WHERE (instance, id) IN
          (SELECT instance, id FROM masto.tombstones);
        UPDATE masto.user_length_sums SET n_toots = n_toots;
        DELETE FROM masto.log_records`);
    });
    await t.step("without Kafka: the log's role beside", async () => {
      await rig.postgres.psql("GRANT pulse_log TO stream_login");
      await runAs("stream", {
        rig,
        place,
        // The log in the database is another one than Kafka's.
        topics: { topic: "embedded", errorTopic: "embedded_errors" },
        args: ["--once", "--no-sentiment"],
        env: { KAFKA_BROKERS: "", KAFKA_PARTITIONS: "1" },
      });
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a role sees the migrations that it needs and leaves the rest to the owner", async () => {
  await using rig = await startRig();
  const place = await rig.makePlace();
  await grant(rig, place);
  await rig.postgres.psql("CREATE ROLE stream_login LOGIN IN ROLE pulse_stream");
  await using db = openAt(urlOf(place, "stream_login"));
  const migrations = await readMigrations();
  assertEquals(await migrate(db, migrations), []);
  const next = { version: migrations.length + 1, name: "next.sql", sql: "SELECT 1" };
  await assertRejects(() => migrate(db, [...migrations, next]), Error, "permission denied");
});

interface Surroundings {
  readonly rig: Rig;
  readonly place: Place;
  readonly topics: Topics;
}

/** Runs a task to its end under the role of its name, or another login. */
async function runAs(
  job: string,
  options: Surroundings & {
    args?: readonly string[];
    login?: string;
    env?: Readonly<Record<string, string>>;
  },
): Promise<void> {
  const { args = [], login = `${job}_login` } = options;
  await using running = await startTask(job, args, {
    env: { ...env(options, login), ...options.env },
  });
  assertEquals((await running.end()).code, 0, running.output);
}

function env({ rig, place, topics }: Surroundings, login: string): Record<string, string> {
  return { ...rig.env({ url: urlOf(place, login) }, topics), LOG_LEVEL: "warning" };
}

function urlOf({ url }: Place, login: string): string {
  return Object.assign(new URL(url), { username: login }).href;
}

/** As the file says: with psql, as the owner. */
async function grant({ postgres }: Rig, { name }: Place): Promise<void> {
  const file = decodeURIComponent(new URL("../../sql/grants.sql", import.meta.url).pathname);
  const { success, stderr } = await new Deno.Command("psql", {
    args: ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-U", postgres.user, "-d", name, "-f", file],
    env: { PGHOST: postgres.host, PGPORT: String(postgres.port) },
    stdin: "null",
  }).output();
  assert(success, new TextDecoder().decode(stderr));
}
