/**
 * MurmurHash3 (x86, 32 bits), over bytes and over the UTF-16 code units of a buffer.
 *
 * Source: Austin Appleby, `MurmurHash3_x86_32`, public domain
 * (https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp).
 *
 * @module
 */

const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;

/**
 * Scrambles one 32-bit block and folds it into the running hash (the body of the loop).
 *
 * @example
 * ```ts
 * import { finish, mixBlock } from "./murmur3.ts";
 * if (finish(mixBlock(0, 0x64636261), 4) !== 0x43ed676a) throw new Error(); // "abcd"
 * ```
 */
export function mixBlock(hash: number, block: number): number {
  const h = mixTail(hash, block);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

/**
 * Folds the last, incomplete block (its missing high bytes zero) into the running hash.
 *
 * @example
 * ```ts
 * import { finish, mixTail } from "./murmur3.ts";
 * if (finish(mixTail(0, 0x6261), 2) !== 0x9bbfd75f) throw new Error(); // "ab"
 * ```
 */
export function mixTail(hash: number, block: number): number {
  const k = Math.imul(block, C1);
  return hash ^ Math.imul((k << 15) | (k >>> 17), C2);
}

/**
 * The final avalanche; `bytes` is the length of the key in bytes. Unsigned.
 *
 * @example
 * ```ts
 * import { finish } from "./murmur3.ts";
 * if (finish(0, 0) !== 0) throw new Error();
 * ```
 */
export function finish(hash: number, bytes: number): number {
  let h = hash ^ bytes;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * MurmurHash3_x86_32 of bytes, unsigned.
 *
 * @example
 * ```ts
 * import { murmur3 } from "./murmur3.ts";
 * if (murmur3(new TextEncoder().encode("hello"), 0) !== 0x248bfa47) throw new Error();
 * ```
 */
export function murmur3(bytes: Uint8Array, seed: number): number {
  const at = (i: number): number => bytes[i] ?? 0;
  let h = seed | 0;
  const whole = bytes.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    h = mixBlock(h, at(i) | (at(i + 1) << 8) | (at(i + 2) << 16) | (at(i + 3) << 24));
  }
  if (whole < bytes.length) {
    h = mixTail(h, at(whole) | (at(whole + 1) << 8) | (at(whole + 2) << 16));
  }
  return finish(h, bytes.length);
}

/** Which code units of a buffer to hash, and with what seed. */
export interface UnitRange {
  /** Index of the first code unit. */
  readonly start: number;
  /** Index after the last one. */
  readonly end: number;
  readonly seed: number;
}

/**
 * MurmurHash3_x86_32 of the UTF-16LE bytes of a range of code units, without making them.
 *
 * @example
 * ```ts
 * import { murmur3, murmur3Units } from "./murmur3.ts";
 * const units = Uint16Array.from("abc", (c) => c.charCodeAt(0));
 * const bytes = new Uint8Array(units.buffer); // little-endian machines
 * if (murmur3Units(units, { start: 0, end: 3, seed: 7 }) !== murmur3(bytes, 7)) throw new Error();
 * ```
 */
export function murmur3Units(units: Uint16Array, range: UnitRange): number {
  const { start, end } = range;
  let h = range.seed | 0;
  let i = start;
  for (; i + 1 < end; i += 2) h = mixBlock(h, (units[i] ?? 0) | ((units[i + 1] ?? 0) << 16));
  if (i < end) h = mixTail(h, units[i] ?? 0);
  return finish(h, (end - start) * 2);
}

/**
 * MurmurHash3_x86_32 of the UTF-16LE bytes of a string.
 *
 * @example
 * ```ts
 * import { murmur3String } from "./murmur3.ts";
 * if (murmur3String("", 0) !== 0) throw new Error();
 * ```
 */
export function murmur3String(text: string, seed: number): number {
  let h = seed | 0;
  let i = 0;
  for (; i + 1 < text.length; i += 2) {
    h = mixBlock(h, text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16));
  }
  if (i < text.length) h = mixTail(h, text.charCodeAt(i));
  return finish(h, text.length * 2);
}
