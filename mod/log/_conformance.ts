import { assert, assertEquals, assertRejects } from "@std/assert";
import { type EventLog, FencedError, MissingTopicError, type NewRecord } from "./event_log.ts";
import { consumeUntil, drain, readAll, topicName } from "./_log_probe.ts";

/** What every adapter of the port must do: registers one test for each point. */
export function testConformance(adapter: string, open: () => Promise<EventLog>): void {
  const test = (name: string, body: (log: EventLog) => Promise<void>) =>
    Deno.test(`${adapter}: ${name}`, async () => {
      await using log = await open();
      await body(log);
    });

  test("createTopics() makes what is missing and changes nothing else", async (log) => {
    const name = topicName();
    const [made] = await log.createTopics([{ name, partitions: 3 }]);
    assertEquals([made?.name, made?.partitions, made?.created], [name, 3, true]);
    for (const partitions of [1, 5]) {
      const [kept] = await log.createTopics([{ name, partitions }]);
      assertEquals([kept?.partitions, kept?.created], [3, false]);
    }
    const ranges = await log.offsets(name);
    assertEquals([...ranges.keys()], [0, 1, 2]);
    assertEquals([...ranges.values()], Array(3).fill({ start: 0, end: 0 }));
  });

  test("a missing topic is named", async (log) => {
    const name = topicName();
    const signal = AbortSignal.timeout(60_000);
    const consume = {
      topic: name,
      group: "g",
      signal,
      positions: () => Promise.resolve(new Map()),
    };
    await assertRejects(() => log.offsets(name), MissingTopicError, name);
    await assertRejects(() => log.append(name, [{ key: "1", value: "" }]), MissingTopicError, name);
    await assertRejects(
      () => log.consume({ ...consume, onBatch: () => Promise.resolve() }),
      MissingTopicError,
      name,
    );
  });

  test("any bytes, keys and headers come back as they went in", async (log) => {
    const name = topicName();
    await log.createTopics([{ name, partitions: 1 }]);
    const records: NewRecord[] = [
      { key: "1", value: "größer 🐘", headers: { reason: "Ungültig 🐘", attempt: "1" } },
      { key: null, value: new Uint8Array([0, 255, 128, 13, 10, 0]) },
      { key: "ключ", value: new Uint8Array(0), headers: { "__proto__": "x" } },
      { key: "1", value: new Uint8Array(800_000).map((_, i) => i * 31) },
    ];
    const before = Date.now();
    await log.append(name, records);
    const found = await readAll(log, name);
    assertEquals(found.map(({ offset }) => offset), [0, 1, 2, 3]);
    assertEquals(found.map(({ key }) => key), records.map(({ key }) => key));
    assertEquals(
      found.map(({ value }) => Array.from(value)),
      records.map(({ value }) =>
        Array.from(typeof value === "string" ? new TextEncoder().encode(value) : value)
      ),
    );
    assertEquals(
      found.map(({ headers }) => Object.entries(headers).sort()),
      records.map(({ headers = {} }) => Object.entries(headers).sort()),
    );
    for (const { timestamp } of found) {
      assert(timestamp >= before - 1000 && timestamp <= Date.now() + 1000, `${timestamp}`);
    }
  });

  test("appends made at once keep the order of each key", async (log) => {
    const name = topicName();
    await log.createTopics([{ name, partitions: 4 }]);
    const appends = Array.from({ length: 40 }, (_, n) => {
      const records = Array.from({ length: 60 }, (_, k) => ({ key: `${k}`, value: `${n}` }));
      return log.append(name, records);
    });
    await Promise.all(appends);
    const values = new Map<string, { partitions: Set<number>; values: string[] }>();
    for (const partition of (await log.offsets(name)).keys()) {
      const records = await log.read(name, { partition, from: 0, limit: 10_000 });
      for (const { key, value } of records) {
        const seen = values.get(key ?? "") ?? { partitions: new Set(), values: [] };
        values.set(key ?? "", seen);
        seen.partitions.add(partition);
        seen.values.push(new TextDecoder().decode(value));
      }
    }
    assertEquals(values.size, 60);
    const order = Array.from({ length: 40 }, (_, n) => `${n}`);
    for (const [key, seen] of values) {
      assertEquals([key, seen.partitions.size, seen.values], [key, 1, order]);
    }
  });

  test("read() starts and ends where it is told", async (log) => {
    const name = topicName();
    await log.createTopics([{ name, partitions: 1 }]);
    await log.append(name, Array.from({ length: 30 }, (_, i) => ({ key: "k", value: `${i}` })));
    const read = async (from: number, limit: number) =>
      (await log.read(name, { partition: 0, from, limit })).map(({ offset }) => offset);
    assertEquals(await read(28, 10), [28, 29]);
    assertEquals(await read(3, 4), [3, 4, 5, 6]);
    assertEquals(await read(30, 5), []);
    assertEquals(await read(5000, 5), []);
    assertEquals(await log.read(name, { partition: 7, from: 0, limit: 5 }), []);
  });

  test("consume() starts at the positions and gives each record once, in order", async (log) => {
    const name = topicName();
    await log.createTopics([{ name, partitions: 2 }]);
    await log.append(name, Array.from({ length: 500 }, (_, i) => ({ key: `${i}`, value: `${i}` })));
    const ends = await log.offsets(name);
    // Partition 1 is left out: it is read from its start.
    const seen = await drain(log, { topic: name, from: new Map([[0, 100]]), maxBatchRecords: 64 });
    assertEquals(seen.askedFor[0], [0, 1]);
    for (const [partition, { end }] of ends) {
      const start = partition === 0 ? 100 : 0;
      const expected = Array.from({ length: end - start }, (_, i) => start + i);
      assertEquals(seen.offsets.get(partition), expected);
    }
    assert(seen.batches.every(({ records }) => records > 0 && records <= 64), "sizes of batches");
    assert(seen.batches.every(({ endOffset, next }) => endOffset >= next), "ends of partitions");
    assertEquals(seen.revoked, [[0, 1]]);
  });

  test("consume() takes what comes later and ends with the batch in hand", async (log) => {
    const name = topicName();
    await log.createTopics([{ name, partitions: 1 }]);
    const stop = new AbortController();
    let finished = 0;
    let begun = 0;
    const consumed = log.consume({
      topic: name,
      group: topicName(),
      signal: stop.signal,
      positions: () => Promise.resolve(new Map([[0, 0]])),
      async onBatch({ records }) {
        begun += records.length;
        if (begun < 2) return void (finished += records.length);
        stop.abort();
        await new Promise((resolve) => setTimeout(resolve, 200));
        finished += records.length;
      },
    });
    await log.append(name, [{ key: "1", value: "now" }]);
    while (finished === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await log.append(name, [{ key: "1", value: "later" }]);
    await consumed;
    assertEquals([begun, finished], [2, 2]);
  });

  test("a fenced batch is followed by the position of whoever moved it", async (log) => {
    const name = topicName();
    await log.createTopics([{ name, partitions: 1 }]);
    await log.append(name, Array.from({ length: 200 }, (_, i) => ({ key: "k", value: `${i}` })));
    const positions = [50, 120, 10];
    const asked: number[] = [];
    const starts: number[] = [];
    await consumeUntil(log, {
      topic: name,
      maxBatchRecords: 30,
      positions: () => {
        const next = positions[asked.length] ?? -1;
        asked.push(next);
        return Promise.resolve(new Map([[0, next]]));
      },
      onBatch: ({ records }) => {
        starts.push(records[0]?.offset ?? -1);
        if (starts.length === 1 || starts.length === 3) {
          throw new FencedError(name, { partition: 0, expected: 0, found: 1 });
        }
        return Promise.resolve();
      },
      until: () => starts.length >= 6,
    });
    assertEquals(asked, [50, 120, 10]);
    assertEquals([starts[0], starts[1], starts[3]], [50, 120, 10]);
    const [, , third = 0] = starts;
    assert(third > 120 && third <= 150, `the third batch starts at ${third}`);
    assert(starts.slice(3).every((s, i, all) => i === 0 || s > (all[i - 1] ?? 0)), `${starts}`);
  });

  test("any other error of a batch ends consume() with it", async (log) => {
    const name = topicName();
    await log.createTopics([{ name, partitions: 2 }]);
    await log.append(name, Array.from({ length: 40 }, (_, i) => ({ key: `${i}`, value: "" })));
    class Broken extends Error {}
    await assertRejects(
      () =>
        log.consume({
          topic: name,
          group: topicName(),
          signal: AbortSignal.timeout(60_000),
          positions: () => Promise.resolve(new Map()),
          onBatch: () => Promise.reject(new Broken("disk full")),
        }),
      Broken,
      "disk full",
    );
  });

  test("ticks come while nothing else runs, and batches one at a time", async (log) => {
    const name = topicName();
    await log.createTopics([{ name, partitions: 3 }]);
    const records = Array.from({ length: 3000 }, (_, i) => ({ key: `${i}`, value: "" }));
    await log.append(name, records);
    const running = new Map<number, number>();
    const overlaps: string[] = [];
    let [seen, ticks, idleTicks] = [0, 0, 0];
    await consumeUntil(log, {
      topic: name,
      tickMs: 20,
      maxBatchRecords: 40,
      positions: () => Promise.resolve(new Map()),
      async onBatch({ partition, records }) {
        if (running.size > 0 && running.has(partition)) overlaps.push(`two of ${partition}`);
        if (running.has(-1)) overlaps.push("a batch beside a tick");
        running.set(partition, 1);
        await new Promise((resolve) => setTimeout(resolve, 3));
        running.delete(partition);
        seen += records.length;
      },
      async onTick(partitions) {
        if (running.size > 0) overlaps.push("a tick beside a batch");
        running.set(-1, 1);
        await new Promise((resolve) => setTimeout(resolve, 3));
        running.delete(-1);
        ticks++;
        if (seen === records.length && partitions.length === 3) idleTicks++;
      },
      until: () => idleTicks >= 3,
    });
    assertEquals([overlaps, seen], [[], records.length]);
    assert(ticks >= 3);
  });
}
