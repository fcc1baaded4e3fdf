import { assert, assertEquals, assertGreater, assertRejects } from "@std/assert";
import { type Admin, CompressionTypes, Kafka, logLevel, Partitioners } from "kafkajs";
import { type KafkaServer, startKafka } from "../testing/kafka.ts";
import { waitUntil } from "../testing/wait_until.ts";
import { readAll, texts, topicName } from "./_log_probe.ts";
import { FencedStore, startWorker, type TestWorker } from "./_test_worker.ts";
import type { EventLog } from "./event_log.ts";
import { openKafkaLog } from "./kafka_log.ts";
import { PositionBeyondEndError } from "./log_errors.ts";

let server: KafkaServer;

Deno.test.beforeAll(async () => {
  server = await startKafka();
});

Deno.test.afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const open = () => openKafkaLog({ brokers: [server.bootstrap], sessionTimeoutMs: 6000 });

/** Appends numbers until told to stop; gives how many. */
function feed(log: EventLog, topic: string): { stop(): Promise<number> } {
  let [running, n] = [true, 0];
  const fed = (async () => {
    while (running) {
      const records = Array.from({ length: 100 }, () => ({ key: `${n % 97}`, value: `${n++}` }));
      await log.append(topic, records);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return n;
  })();
  return {
    stop() {
      running = false;
      return fed;
    },
  };
}

async function allCommitted(store: FencedStore, count: number): Promise<void> {
  await waitUntil(() => store.committed.length >= count, {
    what: `${count} records to be committed`,
    timeoutMs: 30_000,
    detail: () => `${store.committed.length} are`,
  });
  const numbers = store.committed.map(Number).sort((a, b) => a - b);
  assertEquals(numbers, Array.from({ length: count }, (_, i) => i));
}

function holders(workers: readonly TestWorker[]): number[][] {
  return workers.map(({ held }) => [...held].sort());
}

Deno.test("partitions spread over 1, 2 and 1 workers during load, each record once", async () => {
  await using log = await open();
  await using other = await open();
  const [topic, group] = [topicName(), topicName()];
  await log.createTopics([{ name: topic, partitions: 4 }]);
  const store = new FencedStore();
  const feeding = feed(log, topic);
  const first = startWorker(log, { name: "first", topic, group, store, workMs: 5 });
  const all = (what: string, check: () => boolean) => waitUntil(check, { what, timeoutMs: 30_000 });
  await all("the first worker to hold all", () => first.held.size === 4);
  const second = startWorker(other, { name: "second", topic, group, store, workMs: 5 });
  await all("both to hold two", () => first.held.size === 2 && second.held.size === 2);
  assertEquals(holders([first, second]).flat().sort(), [0, 1, 2, 3]);
  const [a, b] = [first.batches, second.batches];
  await all("both to work", () => first.batches > a + 5 && second.batches > b + 5);
  await second.stop();
  assertEquals(second.held.size, 0);
  await all("the first to hold all again", () => first.held.size === 4);
  const count = await feeding.stop();
  await allCommitted(store, count);
  assertGreater(first.assignments.length, 2);
  await first.stop();
});

Deno.test("several consumers of one log share the partitions", async () => {
  await using log = await open();
  const [topic, group] = [topicName(), topicName()];
  await log.createTopics([{ name: topic, partitions: 4 }]);
  const store = new FencedStore();
  const workers = ["a", "b", "c"].map((name) => startWorker(log, { name, topic, group, store }));
  const records = Array.from({ length: 5000 }, (_, i) => ({ key: `${i}`, value: `${i}` }));
  await log.append(topic, records);
  await allCommitted(store, records.length);
  await waitUntil(() => workers.every(({ held }) => held.size >= 1), {
    what: "each to hold something",
    timeoutMs: 20_000,
  });
  await Promise.all(workers.map((worker) => worker.stop()));
});

Deno.test("a worker that was thought dead is fenced and goes on from the stored position", async () => {
  await using log = await open();
  const [topic, group] = [topicName(), topicName()];
  await log.createTopics([{ name: topic, partitions: 1 }]);
  const store = new FencedStore();
  const release = Promise.withResolvers<void>();
  let paused = 0;
  const zombie = startWorker(log, {
    name: "zombie",
    topic,
    group,
    store,
    // Its work is done, its commit is not: the place where a frozen process does harm.
    pause: async () => {
      if (paused++ === 0) await release.promise;
    },
  });
  await log.append(topic, Array.from({ length: 40 }, (_, i) => ({ key: "k", value: `${i}` })));
  await waitUntil(() => paused === 1, { what: "the zombie to be paused", timeoutMs: 20_000 });
  // Another group member's commit of the same records, as after the loss of a session.
  store.commit({
    topic,
    partition: 0,
    from: 0,
    to: 40,
    values: Array.from({ length: 40 }, (_, i) => `${i}`),
  });
  release.resolve();
  await log.append(topic, [{ key: "k", value: "40" }]);
  await allCommitted(store, 41);
  assert(store.fenced >= 1, "it was never fenced");
  assertEquals(zombie.assignments.length, 2, "positions are asked for again");
  await zombie.stop();
});

Deno.test("a batch longer than the session keeps its partitions", async () => {
  await using log = await open();
  const [topic, group] = [topicName(), topicName()];
  await log.createTopics([{ name: topic, partitions: 2 }]);
  const store = new FencedStore();
  const worker = startWorker(log, { name: "slow", topic, group, store, workMs: 8000 });
  const records = Array.from({ length: 60 }, (_, i) => ({ key: `${i}`, value: `${i}` }));
  await log.append(topic, records);
  await allCommitted(store, records.length);
  await worker.stop();
  assertEquals([worker.assignments.length, store.fenced], [1, 0]);
});

Deno.test("records that retention removed are passed over, aloud", async () => {
  const said: string[] = [];
  await using log = await openKafkaLog({
    brokers: [server.bootstrap],
    log: (_level, message) => void said.push(message),
  });
  const [topic, group] = [topicName(), topicName()];
  await log.createTopics([{ name: topic, partitions: 1 }]);
  await log.append(topic, Array.from({ length: 20 }, (_, i) => ({ key: "k", value: `${i}` })));
  await deleteRecordsBefore(topic, 12);
  assertEquals((await log.offsets(topic)).get(0), { start: 12, end: 20 });
  const store = new FencedStore();
  store.next.set(0, 5);
  const worker = startWorker(log, { name: "late", topic, group, store });
  await waitUntil(() => store.committed.length === 8, { what: "the rest", timeoutMs: 20_000 });
  await worker.stop();
  assertEquals(store.committed.map(Number), [12, 13, 14, 15, 16, 17, 18, 19]);
  assert(said.some((line) => line.includes("Records 5 to 11")), said.join("\n"));
});

Deno.test("records that retention removes while they wait are passed over too", async () => {
  await using log = await open();
  const [topic, group] = [topicName(), topicName()];
  await log.createTopics([{ name: topic, partitions: 1 }]);
  await log.append(topic, [{ key: "k", value: "0" }]);
  const store = new FencedStore();
  let [entered, removed] = [false, false];
  const worker = startWorker(log, {
    name: "late",
    topic,
    group,
    store,
    pause: async () => {
      entered = true;
      await waitUntil(() => removed, { what: "the removal", timeoutMs: 20_000 });
    },
  });
  await waitUntil(() => entered, { what: "the first batch", timeoutMs: 20_000 });
  // More than is fetched ahead while the first batch is in hand.
  const values = Array.from({ length: 12_000 }, (_, i) => `${i + 1}`.padEnd(1000));
  await log.append(topic, values.map((value) => ({ key: "k", value })));
  await deleteRecordsBefore(topic, 11_500);
  removed = true;
  await waitUntil(() => store.next.get(0) === 12_001, { what: "the end", timeoutMs: 30_000 });
  await worker.stop();
  const numbers = store.committed.map(Number);
  assert(numbers.length < 12_001, "nothing was removed before it was read");
  assertEquals(numbers.slice(-501), Array.from({ length: 501 }, (_, i) => 11_500 + i));
  assert(numbers.every((n, i) => i === 0 || n > (numbers[i - 1] ?? 0)), "the order");
});

Deno.test("what other producers abort and mark is passed over", async () => {
  await using log = await open();
  const [topic, group] = [topicName(), topicName()];
  await log.createTopics([{ name: topic, partitions: 1 }]);
  const producer = new Kafka({ brokers: [server.bootstrap], logLevel: logLevel.NOTHING }).producer({
    transactionalId: topicName(),
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  for (const [values, keep] of [["0", true], ["x", false], ["1", true], ["y", false]] as const) {
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: [{ key: "k", value: values }] });
    await (keep ? transaction.commit() : transaction.abort());
  }
  await producer.disconnect();
  const store = new FencedStore();
  const worker = startWorker(log, { name: "reader", topic, group, store });
  await waitUntil(() => store.committed.length === 2, { what: "both", timeoutMs: 20_000 });
  await log.append(topic, [{ key: "k", value: "2" }]);
  await allCommitted(store, 3);
  await worker.stop();
  // Four records and four markers, then ours.
  assertEquals(store.next.get(0), 9);
  // Who only looks sees what was aborted too.
  assertEquals(texts(await readAll(log, topic)), ["0", "x", "1", "y", "2"]);
});

Deno.test("what other producers compress is read too", async () => {
  await using log = await open();
  const [topic, group] = [topicName(), topicName()];
  await log.createTopics([{ name: topic, partitions: 1 }]);
  const producer = new Kafka({ brokers: [server.bootstrap], logLevel: logLevel.NOTHING }).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  const messages = Array.from({ length: 30 }, (_, i) => ({ key: "k", value: `${i}` }));
  await producer.send({ topic, messages, compression: CompressionTypes.GZIP });
  await producer.disconnect();
  const store = new FencedStore();
  // From the middle of a batch, which the broker sends whole.
  store.next.set(0, 10);
  const worker = startWorker(log, { name: "reader", topic, group, store });
  await waitUntil(() => store.committed.length === 20, { what: "the rest", timeoutMs: 20_000 });
  await log.append(topic, [{ key: "k", value: "30" }]);
  await waitUntil(() => store.committed.length === 21, { what: "the last", timeoutMs: 20_000 });
  await worker.stop();
  assertEquals(store.committed.map(Number), Array.from({ length: 21 }, (_, i) => 10 + i));
  assertEquals((await readAll(log, topic)).length, 31);
});

Deno.test("a stored position beyond the end of the log stops the worker", async () => {
  await using log = await open();
  const topic = topicName();
  await log.createTopics([{ name: topic, partitions: 1 }]);
  await log.append(topic, [{ key: "k", value: "0" }]);
  await assertRejects(
    () =>
      log.consume({
        topic,
        group: topicName(),
        signal: AbortSignal.timeout(60_000),
        positions: () => Promise.resolve(new Map([[0, 5]])),
        onBatch: () => Promise.resolve(),
      }),
    PositionBeyondEndError,
    "the log ends at 1",
  );
});

Deno.test("a topic that is made anew while it is read stops the worker", async () => {
  await using log = await open();
  const topic = topicName();
  await log.createTopics([{ name: topic, partitions: 1 }]);
  const send = (count: number) =>
    log.append(topic, Array.from({ length: count }, (_, i) => ({ key: "k", value: `${i}` })));
  await send(10);
  const stop = new AbortController();
  let seen = 0;
  const reading = log.consume({
    topic,
    group: topicName(),
    signal: stop.signal,
    positions: () => Promise.resolve(new Map([[0, 0]])),
    onBatch: ({ records }) => Promise.resolve(void (seen += records.length)),
  });
  const refused = assertRejects(() => reading, PositionBeyondEndError, "the log ends at 4");
  await waitUntil(() => seen === 10, { what: "the old records", timeoutMs: 20_000 });
  await withAdmin(async (admin) => {
    await admin.deleteTopics({ topics: [topic] });
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
  });
  await send(4);
  const late = setTimeout(() => stop.abort(), 40_000);
  await refused;
  clearTimeout(late);
  assertEquals(seen, 10);
});

Deno.test("a partition that was added is read from where another left it", async () => {
  await using log = await open();
  await using other = await open();
  const topic = topicName();
  await log.createTopics([{ name: topic, partitions: 1 }]);
  // What is looked up is remembered.
  await log.offsets(topic);
  await withAdmin((admin) => admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] }));
  const end = async () => (await other.offsets(topic)).get(1)?.end ?? 0;
  let sent = 0;
  while (await end() < 5) {
    await other.append(topic, [{ key: `${sent++}`, value: "x" }]);
  }
  const stop = new AbortController();
  const seen: number[] = [];
  await log.consume({
    topic,
    group: topicName(),
    signal: AbortSignal.any([stop.signal, AbortSignal.timeout(40_000)]),
    positions: (partitions) =>
      Promise.resolve(new Map(partitions.map((p) => [p, p === 1 ? 3 : 0]))),
    onBatch: ({ partition, records }) => {
      if (partition === 1) seen.push(...records.map(({ offset }) => offset));
      if (seen.length >= 2) stop.abort();
      return Promise.resolve();
    },
  });
  assertEquals(seen.slice(0, 2), [3, 4]);
});

async function withAdmin(work: (admin: Admin) => Promise<unknown>): Promise<void> {
  const admin = new Kafka({ brokers: [server.bootstrap], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await work(admin);
  await admin.disconnect();
}

async function deleteRecordsBefore(topic: string, offset: number): Promise<void> {
  await withAdmin(async (admin) => {
    // It knows the leaders only of topics that were looked at before.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: `${offset}` }] });
  });
}
