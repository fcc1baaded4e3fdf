import { ByteReader, MisreadError } from "./_byte_reader.ts";
import type { LogRecord } from "./event_log.ts";

/** What the records of one batch in the log share. */
export interface BatchContext {
  readonly baseOffset: number;
  readonly baseTimestamp: number;
  /** Set if the broker dated the records. */
  readonly appendTimestamp: number | null;
  readonly producerId: string;
  readonly inTransaction: boolean;
  readonly isControlBatch: boolean;
}

const EMPTY = new Uint8Array(0);

/**
 * A record of a batch (message format 2), read in place: its value is a view of what the broker
 * sent, and key and headers are decoded when somebody asks, which few do.
 * Source: https://kafka.apache.org/documentation/#record
 */
export class FetchedRecord implements LogRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly value: Uint8Array;
  /** For kafkajs, which passes over control records and over what a transaction took back. */
  readonly batchContext: BatchContext;
  readonly #bytes: Uint8Array;
  readonly #keyAt: number;
  readonly #keyLength: number;
  readonly #headersAt: number;

  /** Reads the record at the reader's place and moves the reader behind it. */
  constructor(reader: ByteReader, batch: BatchContext) {
    const { bytes } = reader;
    const length = reader.varint();
    const end = reader.at + length;
    if (length < 0 || end > reader.end) throw new MisreadError("A record is longer than its batch");
    reader.at++;
    const delta = reader.varlong();
    this.timestamp = batch.appendTimestamp ?? batch.baseTimestamp + delta;
    this.offset = batch.baseOffset + reader.varint();
    this.batchContext = batch;
    this.#bytes = bytes;
    this.#keyLength = reader.varint();
    this.#keyAt = reader.at;
    if (this.#keyLength > 0) reader.at += this.#keyLength;
    const valueLength = reader.varint();
    if (reader.at + valueLength > end) throw new MisreadError("A record ends before its value");
    this.value = valueLength > 0
      ? new Uint8Array(bytes.buffer, bytes.byteOffset + reader.at, valueLength)
      : EMPTY;
    if (valueLength > 0) reader.at += valueLength;
    this.#headersAt = reader.at;
    if (reader.at >= end) throw new MisreadError("A record ends before its headers");
    reader.at = end;
  }

  get key(): string | null {
    if (this.#keyLength < 0) return null;
    return new ByteReader(this.#bytes, { start: this.#keyAt }).text(this.#keyLength);
  }

  /** Of a header that stands several times the last one counts, as in Kafka's own clients. */
  get headers(): Readonly<Record<string, string>> {
    const reader = new ByteReader(this.#bytes, { start: this.#headersAt });
    const entries: [string, string][] = [];
    try {
      for (let left = reader.varint(); left > 0; left--) {
        const name = reader.text(reader.varint());
        entries.push([name, reader.text(reader.varint())]);
      }
    } catch (error) {
      // Whoever wrote them wrote nonsense; what could be read counts.
      if (!(error instanceof MisreadError)) throw error;
    }
    return Object.fromEntries(entries);
  }

  get isControlRecord(): boolean {
    return this.batchContext.isControlBatch;
  }
}
