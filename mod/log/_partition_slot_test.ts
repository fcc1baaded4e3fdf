import { assertEquals } from "@std/assert";
import { BatchGate } from "./_batch_gate.ts";
import { PartitionSlot } from "./_partition_slot.ts";
import { type ConsumeOptions, FencedError, type LogRecord, type RecordBatch } from "./event_log.ts";
import { LogUnreachableError } from "./log_errors.ts";

function recordsFrom(offset: number, count: number): LogRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    offset: offset + i,
    key: null,
    value: new Uint8Array(),
    timestamp: 0,
    headers: {},
  }));
}

function slotOf(consume: Partial<ConsumeOptions>, next = 0) {
  const [batches, seeks, failures]: [RecordBatch[], number[], unknown[]] = [[], [], []];
  const stop = new AbortController();
  const slot = new PartitionSlot({
    partition: 3,
    next,
    gate: new BatchGate(2),
    stopping: stop.signal,
    fail: (error) => void failures.push(error),
    seek: (offset) => void seeks.push(offset),
    consume: {
      topic: "t",
      group: "g",
      signal: stop.signal,
      positions: () => Promise.resolve(new Map()),
      onBatch: (batch) => Promise.resolve(void batches.push(batch)),
      ...consume,
    },
  });
  return { slot, batches, seeks, failures, stop };
}

Deno.test("a fetch is cut into equal batches of at most the limit", async () => {
  const { slot, batches } = slotOf({ maxBatchRecords: 50 });
  slot.start(recordsFrom(0, 120), { next: 120, end: 500 });
  await slot.idle();
  assertEquals(batches.map(({ records }) => records.length), [40, 40, 40]);
  assertEquals(batches.flatMap(({ records }) => records.map(({ offset }) => offset)).at(-1), 119);
  assertEquals(
    batches.every(({ partition, endOffset }) => partition === 3 && endOffset === 500),
    true,
  );
  assertEquals([slot.next, slot.processed, slot.hasHint], [120, 120, true]);
});

Deno.test("a fenced batch drops the rest of the fetch and seeks what positions() says", async () => {
  let calls = 0;
  const { slot, seeks } = slotOf({
    maxBatchRecords: 10,
    positions: (partitions) => Promise.resolve(new Map([[partitions[0] ?? -1, 77]])),
    onBatch: () => {
      if (++calls === 2) throw new FencedError("t", { partition: 3, expected: 0, found: 77 });
      return Promise.resolve();
    },
  });
  slot.start(recordsFrom(0, 40), { next: 40, end: 40 });
  await slot.idle();
  assertEquals([calls, seeks, slot.next], [2, [77], 77]);
});

Deno.test("an outage of the log is waited out with the same batch", async () => {
  let calls = 0;
  const { slot, failures } = slotOf({
    onBatch: () =>
      ++calls < 2 ? Promise.reject(new LogUnreachableError("Gone")) : Promise.resolve(),
  });
  slot.start(recordsFrom(0, 4), { next: 4, end: 4 });
  await slot.idle();
  assertEquals([calls, failures, slot.processed], [2, [], 4]);
});

Deno.test("what somebody must permit first fails the consumer", async () => {
  const refused = new LogUnreachableError("Not permitted", {
    cause: Object.assign(new Error("Not authorized"), { type: "TOPIC_AUTHORIZATION_FAILED" }),
  });
  const { slot, failures, stop } = slotOf({ onBatch: () => Promise.reject(refused) });
  slot.start(recordsFrom(0, 4), { next: 4, end: 4 });
  setTimeout(() => stop.abort(), 50);
  await slot.idle();
  assertEquals(failures, [refused]);
});

Deno.test("another error fails the consumer; a closed slot starts nothing", async () => {
  const error = new Error("disk full");
  const { slot, failures } = slotOf({ onBatch: () => Promise.reject(error) });
  slot.start(recordsFrom(0, 4), { next: 4, end: 4 });
  await slot.idle();
  assertEquals(failures, [error]);
  const closed = slotOf({});
  closed.slot.close();
  closed.slot.start(recordsFrom(0, 4), { next: 4, end: 4 });
  await closed.slot.idle();
  assertEquals(closed.batches, []);
});

Deno.test("a batch from another place is refused, one behind a proven gap is taken", () => {
  const { slot } = slotOf({}, 100);
  assertEquals([slot.accepts(90), slot.accepts(100)], [false, true]);
  assertEquals([slot.accepts(120), slot.accepts(120), slot.accepts(120)], [false, false, true]);
  slot.skip(100, 104);
  assertEquals(slot.next, 104);
  slot.skip(110, 120);
  assertEquals(slot.next, 104, "only what starts here may be skipped");
});
