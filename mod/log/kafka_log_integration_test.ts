import { type KafkaServer, startKafka } from "../testing/kafka.ts";
import { testConformance } from "./_conformance.ts";
import { openKafkaLog } from "./kafka_log.ts";

let server: KafkaServer;

Deno.test.beforeAll(async () => {
  server = await startKafka();
});

Deno.test.afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

testConformance("Kafka log", () => openKafkaLog({ brokers: [server.bootstrap] }));
