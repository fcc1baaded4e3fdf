/**
 * Which partition a key belongs to, in Kafka: the same as for Kafka's own Java client, so that
 * whatever else writes to a topic keeps a key's records together with ours.
 *
 * @module
 */

const SEED = 0x9747b28c;
const M = 0x5bd1e995;
const R = 24;
const encoder = new TextEncoder();

/**
 * MurmurHash2 (32 bits) with the seed of Kafka's Java client, as a signed number.
 * Source: https://github.com/apache/kafka/blob/4.0.0/clients/src/main/java/org/apache/kafka/common/utils/Utils.java
 *
 * @example
 * ```ts
 * import { murmur2 } from "./kafka_partitioner.ts";
 * if (murmur2(new TextEncoder().encode("foobar")) !== -790332482) throw new Error();
 * ```
 */
export function murmur2(data: Uint8Array): number {
  const { length } = data;
  const at = (i: number) => data[i] ?? 0;
  let h = SEED ^ length;
  const whole = length - (length % 4);
  for (let i = 0; i < whole; i += 4) {
    let k = at(i) | (at(i + 1) << 8) | (at(i + 2) << 16) | (at(i + 3) << 24);
    k = Math.imul(k, M);
    k ^= k >>> R;
    h = Math.imul(h, M) ^ Math.imul(k, M);
  }
  if (whole < length) {
    h ^= at(whole) | (at(whole + 1) << 8) | (at(whole + 2) << 16);
    h = Math.imul(h, M);
  }
  h ^= h >>> 13;
  h = Math.imul(h, M);
  h ^= h >>> 15;
  return h | 0;
}

/**
 * The partition of a key: its hash with the sign bit cleared, modulo the number of partitions.
 *
 * @example
 * ```ts
 * import { kafkaPartitionOf } from "./kafka_partitioner.ts";
 * if (kafkaPartitionOf("42", 1) !== 0) throw new Error();
 * ```
 */
export function kafkaPartitionOf(key: string, partitions: number): number {
  return (murmur2(encoder.encode(key)) & 0x7fffffff) % partitions;
}
