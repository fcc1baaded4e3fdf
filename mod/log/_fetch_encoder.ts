/** A record to write down. */
export interface EncodedRecord {
  readonly offsetDelta: number;
  readonly timestampDelta: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly (readonly [string, Uint8Array | null])[];
}

/** A batch of records to write down. */
export interface EncodedBatch {
  readonly baseOffset: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly attributes: number;
  readonly producerId: number;
  readonly records: readonly EncodedRecord[];
}

/** A partition's part of an answer. */
export interface EncodedPartition {
  readonly partition: number;
  readonly highWatermark: number;
  readonly aborted: readonly (readonly [number, number])[];
  readonly batches: readonly EncodedBatch[];
  /** Bytes cut off the end, as the broker cuts the last batch. */
  readonly cut: number;
}

const HEADER_BYTES = 61;
const utf8 = new TextEncoder();

/** Writes an answer to a fetch, version 11, as brokers do: for tests of what reads it. */
export function encodeFetch(topic: string, partitions: readonly EncodedPartition[]): Uint8Array {
  return concat([
    int32(0),
    int16(0),
    int32(0),
    int32(1),
    int16(utf8.encode(topic).length),
    utf8.encode(topic),
    int32(partitions.length),
    ...partitions.map(encodePartition),
  ]);
}

function encodePartition(part: EncodedPartition): Uint8Array {
  const records = concat(part.batches.map(encodeBatch));
  const left = records.length - part.cut;
  // Brokers send at least a batch's header, or nothing.
  const kept = records.subarray(0, left < HEADER_BYTES ? 0 : left);
  return concat([
    int32(part.partition),
    int16(0),
    ...[part.highWatermark, part.highWatermark, 0].map(int64),
    int32(part.aborted.length),
    ...part.aborted.flat().map(int64),
    int32(-1),
    int32(kept.length),
    kept,
  ]);
}

function encodeBatch(batch: EncodedBatch): Uint8Array {
  const body = concat([
    int32(0),
    new Uint8Array([2]),
    int32(0),
    int16(batch.attributes),
    int32(batch.records.length - 1),
    int64(batch.baseTimestamp),
    int64(batch.maxTimestamp),
    int64(batch.producerId),
    int16(0),
    int32(0),
    int32(batch.records.length),
    ...batch.records.map(encodeRecord),
  ]);
  return concat([int64(batch.baseOffset), int32(body.length), body]);
}

function encodeRecord(record: EncodedRecord): Uint8Array {
  const body = concat([
    new Uint8Array([0]),
    varint(record.timestampDelta),
    varint(record.offsetDelta),
    ...sized(record.key),
    ...sized(record.value),
    varint(record.headers.length),
    ...record.headers.flatMap(([name, value]) => [...sized(utf8.encode(name)), ...sized(value)]),
  ]);
  return concat([varint(body.length), body]);
}

function sized(bytes: Uint8Array | null): Uint8Array[] {
  return bytes === null ? [varint(-1)] : [varint(bytes.length), bytes];
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return new Uint8Array([...bytes, Number(rest)]);
}

function int16(value: number): Uint8Array {
  const bytes = new Uint8Array(2);
  new DataView(bytes.buffer).setInt16(0, value);
  return bytes;
}

function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value);
  return bytes;
}

function int64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(value));
  return bytes;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
