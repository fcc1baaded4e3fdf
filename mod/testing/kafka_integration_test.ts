import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { Kafka, type KafkaConfig, logLevel } from "kafkajs";
import { isListening } from "./free_port.ts";
import { type KafkaServer, startKafka } from "./kafka.ts";

function client(server: KafkaServer, config: Partial<KafkaConfig> = {}): Kafka {
  return new Kafka({
    brokers: [server.bootstrap],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 10 },
    ...config,
  });
}

async function topicsSeenBy(kafka: Kafka): Promise<string[]> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await admin.listTopics();
  } finally {
    await admin.disconnect();
  }
}

Deno.test("startKafka() serves clients and keeps topics and records over kill -9", async () => {
  let dir: string;
  {
    await using server = await startKafka();
    dir = server.dir;
    const kafka = client(server);
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: "t", numPartitions: 4 }] });
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic: "t", acks: -1, messages: [{ key: "k", value: "v" }] });
    await producer.disconnect();
    await admin.disconnect();

    const { pid } = server;
    assert(pid !== undefined);
    await server.kill9();
    assertEquals(server.pid, undefined);
    await assertRejects(() => topicsSeenBy(client(server, { retry: { retries: 0 } })));
    await server.restart();
    assertNotEquals(server.pid, pid);

    const again = kafka.admin();
    await again.connect();
    const offsets = await again.fetchTopicOffsets("t");
    assertEquals(offsets.length, 4);
    assertEquals(offsets.reduce((sum, { offset }) => sum + Number(offset), 0), 1);
    await again.disconnect();

    await server.stop();
    assertEquals(await isListening(Number(server.bootstrap.split(":")[1])), false);
    assert((await Deno.stat(`${dir}/data`)).isDirectory);
  }
  await assertRejects(() => Deno.stat(dir), Deno.errors.NotFound);
});

Deno.test("startKafka() asks for a login and encrypts when told to", async () => {
  const sasl = { username: "alice", password: "open-sesame" };
  await using server = await startKafka({ sasl, tls: true });
  const ssl = { ca: [server.caCertificate ?? ""] };
  const good = client(server, { ssl, sasl: { mechanism: "scram-sha-256", ...sasl } });
  assertEquals(await topicsSeenBy(good), []);
  const plain = client(server, { ssl, sasl: { mechanism: "plain", ...sasl } });
  assertEquals(await topicsSeenBy(plain), []);
  const wrong = { mechanism: "plain", username: "alice", password: "wrong" } as const;
  await assertRejects(
    () => topicsSeenBy(client(server, { ssl, sasl: wrong })),
    Error,
    "Invalid username or password",
  );
});

Deno.test("startKafka() shows the broker's own log when it cannot start", async () => {
  const properties = { "log.retention.ms": "not a number" };
  await assertRejects(() => startKafka({ properties }), Error, "log.retention.ms");
});
