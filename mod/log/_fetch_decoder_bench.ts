import { Buffer } from "node:buffer";
import kafkajs from "kafkajs/src/protocol/requests/fetch/v11/response.js";
import { decodeFetch } from "./_fetch_decoder.ts";
import { encodeFetch } from "./_fetch_encoder.ts";

const utf8 = new TextEncoder();
const value = utf8.encode(JSON.stringify({ text: "x".repeat(1000) }));

/** 1,000 records of 1 KB in two batches, as a fetch brings them. */
const bytes = encodeFetch("mastodon_stream", [{
  partition: 0,
  highWatermark: 1000,
  aborted: [],
  cut: 0,
  batches: [0, 500].map((baseOffset) => ({
    baseOffset,
    baseTimestamp: 1_767_609_000_000,
    maxTimestamp: 1_767_609_000_500,
    attributes: 0,
    producerId: 7,
    records: Array.from({ length: 500 }, (_, i) => ({
      offsetDelta: i,
      timestampDelta: i,
      key: utf8.encode(`11583928${baseOffset + i}`),
      value,
      headers: [],
    })),
  })),
}]);

Deno.bench("kafkajs", { group: "1,000 fetched records of 1 KB", baseline: true }, async () => {
  await kafkajs.decode(Buffer.from(bytes.buffer));
});

Deno.bench("decodeFetch()", { group: "1,000 fetched records of 1 KB" }, () => {
  decodeFetch(bytes);
});
