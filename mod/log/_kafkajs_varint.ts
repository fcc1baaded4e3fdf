import Encoder from "kafkajs/src/protocol/encoder.js";

/** A varint of 32 bits takes at most so many bytes. */
const MAX_BYTES = 5;

/**
 * Has kafkajs write varints straight into its buffer: it makes a Buffer of each, which takes more than
 * half of its time for a record with headers. The bytes are the same.
 * Source of the format: https://protobuf.dev/programming-guides/encoding/#varints
 */
export function writeVarintsInPlace(): void {
  const prototype: unknown = Encoder?.prototype;
  if (isEncoderPrototype(prototype)) prototype.writeUVarInt = writeUVarInt;
}

function writeUVarInt(this: SomeEncoder, value: number): SomeEncoder {
  this.ensureAvailable(MAX_BYTES);
  let rest = value >>> 0;
  while (rest > 0x7f) {
    this.buf[this.offset++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  this.buf[this.offset++] = rest;
  return this;
}

interface SomeEncoder {
  readonly buf: Uint8Array;
  offset: number;
  ensureAvailable(bytes: number): void;
}

interface EncoderPrototype {
  writeUVarInt(this: SomeEncoder, value: number): SomeEncoder;
}

function isEncoderPrototype(value: unknown): value is EncoderPrototype {
  return typeof value === "object" && value !== null && "writeUVarInt" in value &&
    typeof value.writeUVarInt === "function";
}
