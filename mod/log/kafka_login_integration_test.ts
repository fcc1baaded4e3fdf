import { assert, assertEquals, assertRejects } from "@std/assert";
import { freePort } from "../testing/free_port.ts";
import { startKafka } from "../testing/kafka.ts";
import { drain, topicName } from "./_log_probe.ts";
import { type KafkaConnection, openKafkaLog } from "./kafka_log.ts";
import { LogUnreachableError } from "./log_errors.ts";

const user = { username: "alice", password: "open-sesame" };

/** The message of the first contact's failure, which must come soon and in one line. */
async function refusal(connection: KafkaConnection): Promise<string> {
  const started = performance.now();
  const error = await assertRejects(() => openKafkaLog(connection), LogUnreachableError);
  const tookMs = performance.now() - started;
  assert(tookMs < 11_000, `${tookMs} ms`);
  assertEquals(error.message.split("\n").length, 1);
  assert(!error.message.includes(user.password), "it shows the password");
  return error.message;
}

async function roundTrip(connection: KafkaConnection): Promise<void> {
  await using log = await openKafkaLog(connection);
  const topic = topicName();
  await log.createTopics([{ name: topic, partitions: 2 }]);
  const records = Array.from({ length: 100 }, (_, i) => ({ key: `${i}`, value: `${i}` }));
  await log.append(topic, records);
  const seen = await drain(log, { topic, from: new Map(), maxBatchRecords: 1000 });
  assertEquals([...seen.offsets.values()].flat().length, 100);
}

Deno.test("logins by PLAIN and SCRAM over TLS work, others are told why not", async () => {
  await using server = await startKafka({ sasl: user, tls: true });
  const brokers = [server.bootstrap];
  const tls = { ca: [server.caCertificate ?? ""] };
  for (const mechanism of ["plain", "scram-sha-256", "scram-sha-512"] as const) {
    await roundTrip({ brokers, tls, login: { mechanism, ...user } });
  }
  for (const mechanism of ["plain", "scram-sha-512"] as const) {
    const login = { mechanism, username: "alice", password: "wrong" };
    const message = await refusal({ brokers, tls, login });
    assert(message.includes(`refuses the login of "alice" by ${mechanism}`), message);
    assert(message.includes("correct KAFKA_SASL_USERNAME"), message);
  }
  const untrusted = await refusal({ brokers, tls: true, login: { mechanism: "plain", ...user } });
  assert(untrusted.includes("certificate that is not trusted"), untrusted);
  const plain = await refusal({ brokers, login: { mechanism: "plain", ...user } });
  assert(plain.includes("set KAFKA_SSL=true"), plain);
  const anonymous = await refusal({ brokers, tls });
  assert(anonymous.includes("KAFKA_SASL_"), anonymous);
});

Deno.test("a login without TLS works; TLS to a broker without it is told apart", async () => {
  await using server = await startKafka({ sasl: user });
  const brokers = [server.bootstrap];
  await roundTrip({ brokers, login: { mechanism: "scram-sha-256", ...user } });
  const message = await refusal({ brokers, tls: true, login: { mechanism: "plain", ...user } });
  assert(message.includes("KAFKA_SSL"), message);
});

Deno.test("nobody there: said within ten seconds", async () => {
  const port = freePort();
  const refused = await refusal({ brokers: [`127.0.0.1:${port}`] });
  assert(refused.includes(`"127.0.0.1:${port}" does not answer`), refused);
  assert(refused.includes("correct KAFKA_BROKERS"), refused);
  const unknown = await refusal({ brokers: ["no-such-host.invalid:9092"] });
  assert(unknown.includes("correct KAFKA_BROKERS"), unknown);
});

Deno.test("something else that listens there is not taken for Kafka", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: freePort() });
  const silent: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of listener) silent.push(connection);
  })();
  const brokers = [`127.0.0.1:${listener.addr.port}`];
  const message = await refusal({ brokers });
  assert(message.includes(brokers[0] ?? ""), message);
  listener.close();
  await accepting.catch(() => {});
  for (const connection of silent) connection.close();
});
