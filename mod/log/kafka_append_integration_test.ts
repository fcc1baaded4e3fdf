import { assert, assertEquals, assertRejects } from "@std/assert";
import { type KafkaServer, startKafka } from "../testing/kafka.ts";
import { readAll, texts, topicName } from "./_log_probe.ts";
import { openKafkaLog } from "./kafka_log.ts";
import { LogUnreachableError, RecordTooLargeError } from "./log_errors.ts";

let server: KafkaServer;

Deno.test.beforeAll(async () => {
  server = await startKafka();
});

Deno.test.afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const open = () => openKafkaLog({ brokers: [server.bootstrap] });

Deno.test("a record that is too large is refused alone, and nothing else is lost", async () => {
  await using log = await open();
  const topic = topicName();
  await log.createTopics([{ name: topic, partitions: 2 }]);
  const big = new Uint8Array(1_100_000);
  const appends = await Promise.allSettled([
    log.append(topic, [{ key: "1", value: "a" }]),
    log.append(topic, [{ key: "1", value: big }]),
    log.append(topic, [{ key: "1", value: "b" }]),
  ]);
  assertEquals(appends.map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
  await assertRejects(() => log.append(topic, [{ key: null, value: big }]), RecordTooLargeError);
  assertEquals(texts(await readAll(log, topic)), ["a", "b"]);
});

Deno.test("a topic that takes little gets smaller requests", async () => {
  await using log = await open();
  const topic = topicName();
  await log.createTopics([{ name: topic, partitions: 1, maxMessageBytes: 20_000 }]);
  const values = Array.from({ length: 300 }, (_, i) => `${i}`.padEnd(1000, "."));
  await log.append(topic, values.map((value) => ({ key: "k", value })));
  assertEquals(texts(await readAll(log, topic)), values);
});

Deno.test("a topic with a larger limit takes the largest dead letter, and it is read back", async () => {
  await using log = await open();
  const topic = topicName();
  await log.createTopics([{ name: topic, partitions: 1, maxMessageBytes: 9_000_000 }]);
  const value = new Uint8Array(8 * 1024 * 1024).map((_, i) => i * 7);
  await log.append(topic, [{ key: null, value }, { key: null, value: "small" }]);
  const found = await readAll(log, topic);
  assertEquals(found.map(({ value }) => value.length), [value.length, 5]);
  assert(found[0]?.value.every((byte, i) => byte === value[i]), "the bytes differ");
  let consumed = 0;
  const stop = new AbortController();
  await log.consume({
    topic,
    group: topicName(),
    signal: AbortSignal.any([stop.signal, AbortSignal.timeout(60_000)]),
    positions: () => Promise.resolve(new Map()),
    onBatch: ({ records }) => {
      consumed += records.length;
      if (consumed === 2) stop.abort();
      return Promise.resolve();
    },
  });
  assertEquals(consumed, 2);
});

Deno.test("more than is queued at once goes through, in order", async () => {
  await using log = await open();
  const topic = topicName();
  await log.createTopics([{ name: topic, partitions: 1 }]);
  const text = "x".repeat(100_000);
  // 60 MB, twice what is queued.
  const appends = Array.from({ length: 60 }, (_, n) => {
    const records = Array.from(
      { length: 10 },
      (_, k) => ({ key: "k", value: `${n * 10 + k} ${text}` }),
    );
    return log.append(topic, records);
  });
  await Promise.all(appends);
  const numbers = texts(await readAll(log, topic)).map((value) => parseInt(value));
  assertEquals(numbers, Array.from({ length: 600 }, (_, i) => i));
});

Deno.test("closing the log sends what was appended and refuses the rest", async () => {
  const log = await open();
  const topic = topicName();
  await log.createTopics([{ name: topic, partitions: 1 }]);
  const append = log.append(topic, [{ key: "k", value: "last" }]);
  await log.append(topic, [{ key: "k", value: "very last" }]);
  await log[Symbol.asyncDispose]();
  await append;
  await assertRejects(() => log.append(topic, [{ key: "k", value: "late" }]), LogUnreachableError);
  await using other = await open();
  assertEquals(texts(await readAll(other, topic)), ["last", "very last"]);
});
