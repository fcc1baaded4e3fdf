import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { AppendQueue, PendingAppend, type QueuedRecord } from "./_append_queue.ts";

function records(append: PendingAppend, sizes: readonly number[]): QueuedRecord[] {
  return sizes.map((bytes, n) => ({ append, bytes, message: { value: `${n}` } }));
}

function pending(topic: string, count: number): PendingAppend {
  return new PendingAppend(topic, { records: count, nowMs: 0 });
}

Deno.test("take() keeps the order, the limits and one topic a chunk; nothing is left", () => {
  const appends = fc.array(
    fc.record({
      topic: fc.constantFrom("a", "b"),
      sizes: fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 12 }),
    }),
    { maxLength: 12 },
  );
  const limits = fc.record({
    records: fc.integer({ min: 1, max: 8 }),
    bytes: fc.integer({ min: 50, max: 300 }),
  });
  fc.assert(fc.property(appends, limits, (appends, limits) => {
    const queue = new AppendQueue();
    const all = appends.flatMap(({ topic, sizes }) => records(pending(topic, sizes.length), sizes));
    for (const record of all) queue.push(record);
    const taken: QueuedRecord[] = [];
    while (!queue.isEmpty) {
      const chunk = queue.take(limits);
      assert(chunk.length > 0 && chunk.length <= limits.records);
      assertEquals(new Set(chunk.map(({ append }) => append.topic)).size, 1);
      const bytes = chunk.reduce((sum, record) => sum + record.bytes, 0);
      assert(bytes <= limits.bytes || chunk.length === 1, `${bytes} bytes`);
      taken.push(...chunk);
    }
    assert(taken.length === all.length && taken.every((record, i) => record === all[i]), "order");
    assertEquals(queue.bytes, 0);
  }));
});

Deno.test("what is put back comes first, and what failed is dropped", async () => {
  const queue = new AppendQueue();
  const [kept, dropped] = [pending("t", 2), pending("t", 2)];
  const [a, b] = records(kept, [10, 10]);
  assert(a !== undefined && b !== undefined);
  for (const record of [...records(dropped, [5, 5]), a, b]) queue.push(record);
  const chunk = queue.take({ records: 3, bytes: 1000 });
  queue.unshift(chunk);
  assertEquals(queue.bytes, 30);
  dropped.fail(new Error("no"));
  await assertRejects(() => dropped.done, Error, "no");
  assertEquals(queue.take({ records: 10, bytes: 1000 }), [a, b]);
  assertEquals([queue.bytes, queue.isEmpty], [0, true]);
  kept.delivered();
  kept.delivered();
  await kept.done;
});
