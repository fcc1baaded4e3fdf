/**
 * Rows in PostgreSQL's binary COPY format: a quarter of the client's and half of the server's time
 * of arrays of parameters.
 * Source: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format".
 *
 * @module
 */

/** `PGCOPY\n\377\r\n\0`, no flags, no header extension. */
const HEADER = [
  0x50,
  0x47,
  0x43,
  0x4f,
  0x50,
  0x59,
  0x0a,
  0xff,
  0x0d,
  0x0a,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
];
/** PostgreSQL counts its binary timestamps from 2000-01-01. */
const EPOCH_2000_MS = Date.UTC(2000);
/** Type number of `text`, from pg_type. */
const TEXT_OID = 25;
/** A UTF-16 unit takes at most 3 bytes in UTF-8. */
const MAX_BYTES_PER_UNIT = 3;

const encoder = new TextEncoder();

/**
 * Builds the payload of a `COPY … FROM STDIN (FORMAT binary)`, field by field.
 *
 * @example
 * ```ts
 * import { BinaryCopy } from "./binary_copy.ts";
 * const copy = new BinaryCopy(2);
 * copy.row().text("toot").int8("9007199254740993");
 * if (copy.rows !== 1 || copy.finish().length !== 19 + 2 + 4 + 4 + 4 + 8 + 2) throw new Error();
 * ```
 */
export class BinaryCopy {
  readonly #columns: number;
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;
  #rows = 0;

  /** @param columns fields of each row */
  constructor(columns: number, { capacity = 64 * 1024 }: { capacity?: number } = {}) {
    this.#columns = columns;
    this.#bytes = new Uint8Array(Math.max(capacity, HEADER.length));
    this.#view = new DataView(this.#bytes.buffer);
    this.#bytes.set(HEADER);
    this.#length = HEADER.length;
  }

  /** Rows begun. */
  get rows(): number {
    return this.#rows;
  }

  /** Begins a row; one call per column must follow. */
  row(): this {
    this.#reserve(2);
    this.#view.setInt16(this.#length, this.#columns);
    this.#length += 2;
    this.#rows++;
    return this;
  }

  /** SQL NULL. */
  null(): this {
    this.#reserve(4);
    this.#view.setInt32(this.#length, -1);
    this.#length += 4;
    return this;
  }

  /** A `text`; null for NULL. Must hold neither NUL nor lone surrogates. */
  text(value: string | null): this {
    if (value === null) return this.null();
    this.#reserve(4 + value.length * MAX_BYTES_PER_UNIT);
    this.#text(value);
    return this;
  }

  /** A `bigint`, in decimal or as a number. */
  int8(value: string | number): this {
    this.#reserve(12);
    this.#view.setInt32(this.#length, 8);
    this.#view.setBigInt64(this.#length + 4, BigInt(value));
    this.#length += 12;
    return this;
  }

  /** An `integer`. */
  int4(value: number): this {
    this.#reserve(8);
    this.#view.setInt32(this.#length, 4);
    this.#view.setInt32(this.#length + 4, value);
    this.#length += 8;
    return this;
  }

  /** A `double precision`. */
  float8(value: number): this {
    this.#reserve(12);
    this.#view.setInt32(this.#length, 8);
    this.#view.setFloat64(this.#length + 4, value);
    this.#length += 12;
    return this;
  }

  /** A `boolean`. */
  bool(value: boolean): this {
    this.#reserve(5);
    this.#view.setInt32(this.#length, 1);
    this.#view.setUint8(this.#length + 4, value ? 1 : 0);
    this.#length += 5;
    return this;
  }

  /** A `timestamptz`, or a `timestamp` in UTC, from ms since the epoch; null for NULL. */
  timestamp(ms: number | null): this {
    if (ms === null) return this.null();
    this.#reserve(12);
    this.#view.setInt32(this.#length, 8);
    // Microseconds beyond 2^53 (the year 2255) lose the last one or two, which ms do not have.
    this.#view.setBigInt64(this.#length + 4, BigInt(ms - EPOCH_2000_MS) * 1000n);
    this.#length += 12;
    return this;
  }

  /** A `text[]` of one dimension. */
  textArray(values: readonly string[]): this {
    const units = values.reduce((sum, value) => sum + value.length, 0);
    this.#reserve(24 + 4 * values.length + units * MAX_BYTES_PER_UNIT);
    const start = this.#length;
    this.#length += 4;
    // Dimensions, whether there are nulls, element type; then length and lower bound of each.
    const head = values.length === 0 ? [0, 0, TEXT_OID] : [1, 0, TEXT_OID, values.length, 1];
    for (const number of head) {
      this.#view.setInt32(this.#length, number);
      this.#length += 4;
    }
    for (const value of values) this.#text(value);
    this.#view.setInt32(start, this.#length - start - 4);
    return this;
  }

  /** A `jsonb` from JSON text; null for NULL. */
  jsonb(json: string | null): this {
    if (json === null) return this.null();
    this.#reserve(5 + json.length * MAX_BYTES_PER_UNIT);
    const start = this.#length;
    // Version 1 of jsonb's binary form is a 1 and the text.
    this.#view.setUint8(start + 4, 1);
    const { written } = encoder.encodeInto(json, this.#bytes.subarray(start + 5));
    this.#view.setInt32(start, written + 1);
    this.#length = start + 5 + written;
    return this;
  }

  /** The payload with its trailer. */
  finish(): Uint8Array {
    this.#reserve(2);
    this.#view.setInt16(this.#length, -1);
    return this.#bytes.subarray(0, this.#length + 2);
  }

  #text(value: string): void {
    const { written } = encoder.encodeInto(value, this.#bytes.subarray(this.#length + 4));
    this.#view.setInt32(this.#length, written);
    this.#length += 4 + written;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
