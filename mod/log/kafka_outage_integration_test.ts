import { assert, assertEquals, assertRejects } from "@std/assert";
import { startKafka } from "../testing/kafka.ts";
import { waitUntil } from "../testing/wait_until.ts";
import { readAll, texts, topicName } from "./_log_probe.ts";
import { FencedStore, startWorker } from "./_test_worker.ts";
import { openKafkaLog } from "./kafka_log.ts";
import { LogUnreachableError } from "./log_errors.ts";

const KILLS = 5;

Deno.test("kill -9 of the broker during appends and consumption loses and repeats nothing", async () => {
  await using server = await startKafka();
  const said: string[] = [];
  await using log = await openKafkaLog({
    brokers: [server.bootstrap],
    log: (level, message) => void said.push(`${level} ${message}`),
  });
  const [topic, group] = [topicName(), topicName()];
  await log.createTopics([{ name: topic, partitions: 4 }]);
  const store = new FencedStore();
  const worker = startWorker(log, { name: "worker", topic, group, store, workMs: 2 });
  let [feeding, n] = [true, 0];
  // Three at once, as the jobs do: their requests must not take each other's place.
  const feeders = Array.from({ length: 3 }, async () => {
    while (feeding) {
      const records = Array.from({ length: 200 }, () => ({ key: `${n % 499}`, value: `${n++}` }));
      await log.append(topic, records);
    }
  });
  // Of a test that fails the first failure is to be told, not theirs when the log is closed.
  for (const feeder of feeders) feeder.catch(() => {});
  const recoveries: number[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const before = store.committed.length;
    await waitUntil(() => store.committed.length > before + 500, {
      what: `progress before kill ${kill + 1}`,
      timeoutMs: 30_000,
    });
    const { pid } = server;
    await server.kill9();
    const atKill = store.committed.length;
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 1500));
    await server.restart();
    assert(pid !== server.pid, "the broker was not killed");
    const up = performance.now();
    await waitUntil(() => store.committed.length > atKill + 1000, {
      what: "progress after a restart",
      timeoutMs: 30_000,
    });
    recoveries.push(Math.round(performance.now() - up));
  }
  feeding = false;
  await Promise.all(feeders);
  await waitUntil(() => store.committed.length >= n, {
    what: "all to be committed",
    timeoutMs: 30_000,
    detail: () => `${store.committed.length} of ${n}`,
  });
  await worker.stop();
  const expected = Array.from({ length: n }, (_, i) => i);
  assertEquals(store.committed.map(Number).sort((a, b) => a - b), expected);
  // The producer is idempotent and none of its requests was given up: the log has no repetition.
  assertEquals(texts(await readAll(log, topic)).map(Number).sort((a, b) => a - b), expected);
  const outages = said.filter((line) => line.includes("does not answer"));
  const returns = said.filter((line) => line.includes("answers again"));
  assertEquals([outages.length, returns.length], [KILLS, KILLS], said.join("\n"));
  assert(said.length <= 4 * KILLS, `too talkative:\n${said.join("\n")}`);
  assert(recoveries.every((ms) => ms < 30_000), `${recoveries}`);
});

Deno.test("an append gives up after its patience, and the next one works", async () => {
  await using server = await startKafka();
  await using log = await openKafkaLog({ brokers: [server.bootstrap], patienceMs: 3000 });
  const topic = topicName();
  await log.createTopics([{ name: topic, partitions: 1 }]);
  await log.append(topic, [{ key: "k", value: "before" }]);
  await server.kill9();
  const append = (value: string) => log.append(topic, [{ key: "k", value }]);
  await assertRejects(() => append("during"), LogUnreachableError, "does not");
  await assertRejects(() => log.offsets(topic), LogUnreachableError, "does not answer");
  await server.restart();
  await append("after");
  const values = texts(await readAll(log, topic)).filter((value) => value !== "during");
  assertEquals(values, ["before", "after"]);
});

Deno.test("a consumer can be stopped while the broker is away", async () => {
  await using server = await startKafka();
  await using log = await openKafkaLog({ brokers: [server.bootstrap] });
  const [topic, group] = [topicName(), topicName()];
  await log.createTopics([{ name: topic, partitions: 1 }]);
  const store = new FencedStore();
  const worker = startWorker(log, { name: "worker", topic, group, store });
  await log.append(topic, [{ key: "k", value: "0" }]);
  await waitUntil(() => store.committed.length === 1, { what: "a commit", timeoutMs: 20_000 });
  await server.kill9();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const asked = performance.now();
  await worker.stop();
  const tookMs = performance.now() - asked;
  // Five seconds for kafkajs, five for a tick that waits for the broker.
  assert(tookMs < 15_000, `${tookMs} ms`);
});

Deno.test("a topic that is deleted while it is read ends the consumer with its name", async () => {
  await using server = await startKafka();
  await using log = await openKafkaLog({ brokers: [server.bootstrap] });
  const topic = topicName();
  await log.createTopics([{ name: topic, partitions: 1 }]);
  const { Kafka, logLevel } = await import("kafkajs");
  const admin = new Kafka({ brokers: [server.bootstrap], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  let deleted = false;
  const consumed = log.consume({
    topic,
    group: topicName(),
    tickMs: 100,
    signal: AbortSignal.timeout(100_000),
    positions: () => Promise.resolve(new Map()),
    onBatch: () => Promise.resolve(),
    async onTick(partitions) {
      if (deleted || partitions.length === 0) return;
      deleted = true;
      await admin.deleteTopics({ topics: [topic] });
      await admin.disconnect();
    },
  });
  await assertRejects(() => consumed, Error, `Topic "${topic}" does not exist`);
});
