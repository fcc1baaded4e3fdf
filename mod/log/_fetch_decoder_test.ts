import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Buffer } from "node:buffer";
import kafkajs from "kafkajs/src/protocol/requests/fetch/v11/response.js";
import { z } from "zod";
import { MisreadError } from "./_byte_reader.ts";
import { decodeFetch } from "./_fetch_decoder.ts";
import { encodeFetch } from "./_fetch_encoder.ts";
import { KafkaRecord } from "./_kafka_record.ts";

// Without shrinking: of such large values it takes minutes.
const RUNS = { numRuns: 1000, endOnFailure: true };

const bytes = fc.uint8Array({ maxLength: 40 });
const maybeBytes = fc.option(bytes, { freq: 5 });
// kafkajs takes the name of a method of any object for a header that was there before.
const word = fc.string({ unit: "grapheme", maxLength: 12 }).filter((name) => !(name in {}));

const record = fc.record({
  offsetDelta: fc.nat(5000),
  timestampDelta: fc.integer({ min: -5_000_000_000, max: 5_000_000_000 }),
  key: maybeBytes,
  value: maybeBytes,
  headers: fc.array(fc.tuple(word, bytes), { maxLength: 3 }),
});
const batch = fc.record({
  baseOffset: fc.nat({ max: 2 ** 50 }),
  baseTimestamp: fc.nat({ max: 2 ** 45 }),
  maxTimestamp: fc.nat({ max: 2 ** 45 }),
  // Timestamp type, in a transaction, control batch.
  attributes: fc.constantFrom(0, 0, 0b1000, 0b1_0000, 0b11_0000),
  producerId: fc.integer({ min: -1, max: 2 ** 40 }),
  records: fc.array(record, { minLength: 1, maxLength: 6 }),
});
const partition = fc.record({
  partition: fc.nat(1000),
  highWatermark: fc.nat({ max: 2 ** 52 }),
  aborted: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 2 }),
  batches: fc.array(batch, { maxLength: 4 }),
  cut: fc.oneof(fc.constant(0), fc.nat(200)),
});
const answer = fc.tuple(
  fc.stringMatching(/^[a-z0-9._-]{1,20}$/),
  fc.array(partition, { maxLength: 3 }),
).map(([topic, partitions]) => encodeFetch(topic, partitions));

const buffer = z.instanceof(Uint8Array).nullable();
const theirs = z.object({
  responses: z.array(z.object({
    topicName: z.string(),
    partitions: z.array(z.looseObject({
      messages: z.array(z.object({
        offset: z.string(),
        timestamp: z.string(),
        key: buffer,
        value: buffer,
        headers: z.record(z.string(), z.union([buffer, z.array(buffer)])),
        isControlRecord: z.boolean(),
        batchContext: z.object({ producerId: z.string(), inTransaction: z.boolean() }),
      })),
    })),
  })),
});

Deno.test("decodeFetch() reads what kafkajs reads", async () => {
  const decode: (bytes: Buffer) => Promise<unknown> = kafkajs.decode;
  await fc.assert(
    fc.asyncProperty(answer, async (bytes) => {
      const expected = theirs.parse(await decode(Buffer.from(bytes)));
      const found = decodeFetch(bytes);
      const plain = found.responses.map(({ topicName, partitions }) => ({
        topicName,
        partitions: partitions.map(({ messages, ...rest }) => ({
          ...rest,
          messages: messages.map((m) => ({
            offset: m.offset,
            timestamp: m.timestamp,
            key: m.key,
            value: Array.from(m.value),
            headers: Object.entries(m.headers),
            isControlRecord: m.isControlRecord,
            producerId: m.batchContext.producerId,
            inTransaction: m.batchContext.inTransaction,
          })),
        })),
      }));
      assertEquals(
        plain,
        expected.responses.map(({ topicName, partitions }) => ({
          topicName,
          partitions: partitions.map(({ messages, ...rest }) => ({
            ...rest,
            messages: messages.map(({ isControlRecord, batchContext, ...raw }) => {
              const record = new KafkaRecord(raw);
              return {
                offset: record.offset,
                timestamp: record.timestamp,
                key: record.key,
                value: Array.from(record.value),
                headers: Object.entries(record.headers),
                isControlRecord,
                ...batchContext,
              };
            }),
          })),
        })),
      );
    }),
    RUNS,
  );
});

Deno.test("decodeFetch() of broken bytes ends, with an error or without", () => {
  const change = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(answer, change, fc.nat(50), (bytes, changes, cut) => {
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      try {
        const { responses } = decodeFetch(bytes.subarray(0, bytes.length - cut));
        for (const { partitions } of responses) {
          for (const { messages } of partitions) {
            for (const { key, headers } of messages) void [key, headers];
          }
        }
      } catch (error) {
        if (!(error instanceof MisreadError)) throw error;
      }
    }),
    RUNS,
  );
});

Deno.test("decodeFetch() leaves compressed batches and older formats to kafkajs", () => {
  const plain = {
    baseOffset: 0,
    baseTimestamp: 0,
    maxTimestamp: 0,
    producerId: -1,
    records: [{ offsetDelta: 0, timestampDelta: 0, key: null, value: null, headers: [] }],
  };
  const part = { partition: 0, highWatermark: 1, aborted: [], cut: 0 };
  const gzip = encodeFetch("t", [{ ...part, batches: [{ ...plain, attributes: 1 }] }]);
  assertThrows(() => decodeFetch(gzip), MisreadError, "compressed");
  const old = encodeFetch("t", [{ ...part, batches: [{ ...plain, attributes: 0 }] }]);
  const magic = old.lastIndexOf(2);
  old[magic] = 1;
  assertThrows(() => decodeFetch(old), MisreadError, "older");
});
