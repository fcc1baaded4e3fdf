/**
 * Which partition a key belongs to, in the embedded log.
 *
 * @module
 */

/**
 * FNV-1a (32 bits) of the key's UTF-16 units, modulo the number of partitions; records without a
 * key go to partition 0.
 * Source: https://datatracker.ietf.org/doc/html/draft-eastlake-fnv
 *
 * @example
 * ```ts
 * import { partitionOf } from "./partitioner.ts";
 * if (partitionOf("42", 4) !== partitionOf("42", 4) || partitionOf(null, 4) !== 0) throw new Error();
 * ```
 */
export function partitionOf(key: string | null, partitions: number): number {
  if (key === null) return 0;
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) {
    hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0) % partitions;
}
