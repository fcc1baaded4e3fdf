import { FetchedRecord } from "./_fetched_record.ts";
import type { LogRecord } from "./event_log.ts";

/** A header's value as kafkajs gives it: several if the header stands several times. */
type RawHeader = Uint8Array | string | null | undefined;

/** A record as kafkajs gives it. */
export interface RawRecord {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers?: Readonly<Record<string, RawHeader | RawHeader[]>> | undefined;
}

const decoder = new TextDecoder();
const EMPTY = new Uint8Array(0);

/** A record of Kafka; key and headers are decoded when somebody asks, which few do. */
export class KafkaRecord implements LogRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly value: Uint8Array;
  readonly #raw: RawRecord;

  constructor(raw: RawRecord) {
    this.offset = Number(raw.offset);
    this.timestamp = Number(raw.timestamp);
    this.value = raw.value ?? EMPTY;
    this.#raw = raw;
  }

  get key(): string | null {
    return this.#raw.key === null ? null : decoder.decode(this.#raw.key);
  }

  /** Of a header that stands several times the last one counts, as in Kafka's own clients. */
  get headers(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      Object.entries(this.#raw.headers ?? {}).map(([name, value]) => {
        const last = Array.isArray(value) ? value.at(-1) : value;
        return [name, last instanceof Uint8Array ? decoder.decode(last) : last ?? ""];
      }),
    );
  }
}

/** The record as it is, if we decoded it; else what kafkajs made of it. */
export function toLogRecord(message: RawRecord | FetchedRecord): LogRecord {
  return message instanceof FetchedRecord ? message : new KafkaRecord(message);
}
