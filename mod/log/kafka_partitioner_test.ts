import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Partitioners } from "kafkajs";
import { kafkaPartitionOf, murmur2 } from "./kafka_partitioner.ts";

// Vectors of Kafka's own UtilsTest.testMurmur2.
const VECTORS: [string, number][] = [
  ["21", -973932308],
  ["foobar", -790332482],
  ["a-little-bit-long-string", -985981536],
  ["a-little-bit-longer-string", -1486304829],
  ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
  ["abc", 479470107],
];

Deno.test("murmur2() gives the values of Kafka's own test", () => {
  for (const [text, hash] of VECTORS) {
    assertEquals(murmur2(new TextEncoder().encode(text)), hash, text);
  }
});

Deno.test("kafkaPartitionOf() agrees with kafkajs's partitioner for any key", () => {
  const theirs = Partitioners.DefaultPartitioner();
  fc.assert(fc.property(
    fc.string({ unit: "grapheme", maxLength: 60 }),
    fc.integer({ min: 1, max: 50 }),
    (key, partitions) => {
      const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
        partitionErrorCode: 0,
        partitionId,
        leader: 1,
        replicas: [1],
        isr: [1],
      }));
      const expected = theirs({ topic: "t", partitionMetadata, message: { key, value: null } });
      assertEquals(kafkaPartitionOf(key, partitions), expected);
    },
  ));
});
