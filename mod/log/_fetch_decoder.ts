import { ByteReader, MisreadError } from "./_byte_reader.ts";
import { type BatchContext, FetchedRecord } from "./_fetched_record.ts";

/** A partition's part of a fetch, under kafkajs's names. */
export interface FetchedPartition {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: string;
  readonly lastStableOffset: string;
  readonly lastStartOffset: string;
  readonly abortedTransactions: readonly { producerId: string; firstOffset: string }[];
  readonly preferredReadReplica: number;
  readonly messages: readonly FetchedRecord[];
}

/** A broker's answer to a fetch, under kafkajs's names. */
export interface FetchResponse {
  readonly throttleTime: number;
  readonly clientSideThrottleTime: number;
  readonly errorCode: number;
  readonly sessionId: number;
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly FetchedPartition[];
  }[];
}

/** Bytes of a batch before its length is known, and of its header. */
const LENGTH_BYTES = 12;
const HEADER_BYTES = 61;
const MAGIC_AT = 16;

/**
 * Decodes version 11 of the answer to a fetch.
 * Source: https://kafka.apache.org/protocol#The_Messages_Fetch
 *
 * @throws {MisreadError} for compressed batches and older formats too: kafkajs can read those
 */
export function decodeFetch(bytes: Uint8Array): FetchResponse {
  const reader = new ByteReader(bytes);
  const clientSideThrottleTime = reader.int32();
  const errorCode = reader.int16();
  const sessionId = reader.int32();
  const responses = reader.array(() => ({
    topicName: reader.string(),
    partitions: reader.array(() => partitionOf(reader)),
  }));
  // As kafkajs has it: the broker leaves the waiting to the client.
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
}

function partitionOf(reader: ByteReader): FetchedPartition {
  return {
    partition: reader.int32(),
    errorCode: reader.int16(),
    highWatermark: reader.bigint64().toString(),
    lastStableOffset: reader.bigint64().toString(),
    lastStartOffset: reader.bigint64().toString(),
    abortedTransactions: reader.array(() => ({
      producerId: reader.bigint64().toString(),
      firstOffset: reader.bigint64().toString(),
    })),
    preferredReadReplica: reader.int32(),
    messages: recordsOf(reader),
  };
}

function recordsOf(reader: ByteReader): FetchedRecord[] {
  const size = reader.int32();
  const records: FetchedRecord[] = [];
  if (size <= 0) return records;
  const start = reader.skip(size);
  const batches = new ByteReader(reader.bytes, { start, end: start + size });
  while (batches.left >= HEADER_BYTES) {
    const from = batches.at;
    const baseOffset = batches.int64();
    const end = from + LENGTH_BYTES + batches.int32();
    if (reader.bytes[from + MAGIC_AT] !== 2) throw new MisreadError("An older message format");
    // The broker cuts the last batch where the fetch ends.
    if (end > batches.end) break;
    readBatch(new ByteReader(reader.bytes, { start: batches.at, end }), { baseOffset, records });
    batches.at = end;
  }
  return records;
}

function readBatch(
  reader: ByteReader,
  { baseOffset, records }: { baseOffset: number; records: FetchedRecord[] },
): void {
  // The leader's epoch, the format, and a checksum, which TCP makes up for.
  reader.skip(4 + 1 + 4);
  const attributes = reader.int16();
  if ((attributes & 0b111) !== 0) throw new MisreadError("A compressed batch");
  reader.skip(4);
  const baseTimestamp = reader.int64();
  const maxTimestamp = reader.int64();
  const producerId = reader.bigint64().toString();
  reader.skip(2 + 4);
  const batch: BatchContext = {
    baseOffset,
    baseTimestamp,
    appendTimestamp: (attributes & 0b1000) === 0 ? null : maxTimestamp,
    producerId,
    inTransaction: (attributes & 0b1_0000) !== 0,
    isControlBatch: (attributes & 0b10_0000) !== 0,
  };
  for (let left = reader.int32(); left > 0; left--) records.push(new FetchedRecord(reader, batch));
}
