import { assertMatch, assertThrows } from "@std/assert";
import { kafkaVersion } from "./kafka_jars.ts";

Deno.test("kafkaVersion() finds the version in our own project file", async () => {
  const pom = await Deno.readTextFile(new URL("./kafka/pom.xml", import.meta.url));
  assertMatch(kafkaVersion(pom), /^\d+\.\d+\.\d+$/);
});

Deno.test("kafkaVersion() refuses a project file without Kafka", () => {
  assertThrows(() => kafkaVersion("<project><version>1</version></project>"), Error, "kafka_2.13");
});
