/** The bytes do not hold what they should. */
export class MisreadError extends Error {
  override readonly name = "MisreadError";
}

const decoder = new TextDecoder();

/**
 * Reads Kafka's primitive types from the front of bytes.
 * Source: https://kafka.apache.org/protocol#protocol_types
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  /** Where the next byte is read. */
  at: number;
  readonly end: number;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, { start = 0, end = bytes.length }: Partial<ByteRange> = {}) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes that are left. */
  get left(): number {
    return this.end - this.at;
  }

  int8(): number {
    return this.#view.getInt8(this.#take(1));
  }

  int16(): number {
    return this.#view.getInt16(this.#take(2));
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4));
  }

  /** A number is exact up to 2^53. */
  int64(): number {
    const at = this.#take(8);
    return this.#view.getInt32(at) * 0x1_0000_0000 + this.#view.getUint32(at + 4);
  }

  bigint64(): bigint {
    return this.#view.getBigInt64(this.#take(8));
  }

  /** A variable-length zigzag integer of 32 bits. */
  varint(): number {
    let result = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes[this.at++] ?? 0;
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (result >>> 1) ^ -(result & 1);
    }
    throw new MisreadError("A variable-length number has no end");
  }

  /** A variable-length zigzag integer of 64 bits; exact up to 2^53. */
  varlong(): number {
    let result = 0;
    for (let factor = 1; factor <= 2 ** 63; factor *= 128) {
      const byte = this.bytes[this.at++] ?? 0;
      result += (byte & 0x7f) * factor;
      if (byte < 0x80) return result % 2 === 0 ? result / 2 : -(result + 1) / 2;
    }
    throw new MisreadError("A variable-length number has no end");
  }

  /** Text after its length in 16 bits. */
  string(): string {
    return this.text(this.int16());
  }

  /** So many bytes of text. */
  text(length: number): string {
    const at = this.#take(Math.max(length, 0));
    return decoder.decode(this.bytes.subarray(at, at + length));
  }

  /** Passes over so many bytes and tells where they begin. */
  skip(length: number): number {
    return this.#take(length);
  }

  /** As many things as the number of 32 bits in front says. */
  array<T>(read: () => T): T[] {
    const items: T[] = [];
    for (let left = this.int32(); left > 0; left--) items.push(read());
    return items;
  }

  #take(length: number): number {
    const { at } = this;
    if (length < 0 || at + length > this.end) throw new MisreadError("The bytes end too early");
    this.at = at + length;
    return at;
  }
}

interface ByteRange {
  readonly start: number;
  readonly end: number;
}
