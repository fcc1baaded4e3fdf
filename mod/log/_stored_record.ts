import { z } from "zod";
import type { Row, Sql } from "../db/database.ts";
import { cleanJson, cleanText } from "../mastodon/text.ts";
import type { LogRecord, NewRecord } from "./event_log.ts";

const recordRow = z.object({
  record_offset: z.string().transform(Number),
  key: z.string().nullable(),
  value: z.instanceof(Uint8Array),
  headers: z.record(z.string(), z.string()).nullable(),
  appended_at: z.date(),
});

/** A record as its row holds it. */
export interface StoredRecord {
  readonly key: string | null;
  readonly value: Uint8Array;
  /** JSON. */
  readonly headers: string | null;
}

const encoder = new TextEncoder();

/** What PostgreSQL cannot hold in a key or header is replaced; a payload may hold anything. */
export function storable({ key, value, headers }: NewRecord): StoredRecord {
  return {
    key: key === null ? null : cleanText(key),
    value: typeof value === "string" ? encoder.encode(value) : value,
    headers: headers === undefined ? null : JSON.stringify(cleanJson(headers)),
  };
}

/** Rows of the log, as records. */
export function toRecords(rows: readonly Row[]): LogRecord[] {
  return z.array(recordRow).parse(rows).map((row) => ({
    offset: row.record_offset,
    key: row.key,
    value: row.value,
    timestamp: row.appended_at.getTime(),
    headers: row.headers ?? {},
  }));
}

/** Adds records to the end of a partition. */
export async function insertRecords(
  tx: Sql,
  { topic, partition, list, appendedAt }: {
    topic: string;
    partition: number;
    list: readonly StoredRecord[];
    appendedAt: Date;
  },
): Promise<void> {
  await tx.query(
    `WITH place AS (
       UPDATE masto.log_partitions SET next_offset = next_offset + $3
       WHERE topic = $1 AND partition = $2 RETURNING next_offset - $3 AS base
     )
     INSERT INTO masto.log_records
       (topic, partition, record_offset, key, value, headers, appended_at)
     SELECT $1, $2, place.base + r.n - 1, r.key, r.value, r.headers::jsonb, $7
     FROM place, unnest($4::text[], $5::bytea[], $6::text[])
       WITH ORDINALITY AS r(key, value, headers, n)`,
    [
      topic,
      partition,
      list.length,
      list.map((r) => r.key),
      list.map((r) => r.value),
      list.map((r) => r.headers),
      appendedAt,
    ],
  );
}
