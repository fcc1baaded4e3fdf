import { assert, assertEquals } from "@std/assert";
import { tempDir } from "../testing/temp_dir.ts";
import { waitUntil } from "../testing/wait_until.ts";
import { MemoryLog } from "./_memory_log.ts";
import { Outbox, type OutboxOptions } from "./outbox.ts";
import { Spool } from "./spool.ts";

const decoder = new TextDecoder();

function values(log: MemoryLog): number[] {
  return log.records().map(({ value }) => Number(decoder.decode(value)));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** A log of one partition, a spool, and an outbox that says which entries are safe. */
async function open(
  given: { maxBytes?: number; onFirstDurable?: () => void } & Partial<OutboxOptions> = {},
) {
  const dir = await tempDir({});
  const log = new MemoryLog(1);
  const spool = await Spool.open(dir.path, { maxBytes: given.maxBytes ?? 1e9 });
  const outbox = new Outbox({ log, spool, maxBatch: 10, ...given });
  const durable: number[] = [];
  return {
    folder: dir.path,
    log,
    spool,
    outbox,
    durable,
    push(from: number, to: number) {
      for (const n of range(from, to)) {
        const record = { key: String(n), value: String(n) };
        outbox.push({
          topic: "events",
          record,
          onDurable: () => {
            if (durable.push(n) === 1) given.onFirstDurable?.();
          },
        });
      }
    },
    /** Waits until so many entries are said to be safe. */
    safe: (count: number) =>
      waitUntil(() => durable.length === count, {
        what: "entries to be safe",
        timeoutMs: 10_000,
      }),
    async [Symbol.asyncDispose]() {
      await outbox.stop();
      await spool[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

Deno.test("Outbox brings everything to the log, in order, and says when it is safe", async () => {
  await using it = await open();
  it.push(0, 35);
  assertEquals(it.durable, []);
  await it.outbox.flush();
  assertEquals(values(it.log), range(0, 35));
  assertEquals(it.durable, range(0, 35));
  assertEquals(it.outbox.pending, 0);
});

Deno.test("while the log is down, entries go to disk, and then to the log in order", async () => {
  const failures: unknown[] = [];
  await using it = await open({ onAppendError: (error) => failures.push(error) });
  it.log.isDown = true;
  it.push(0, 25);
  await it.safe(25);
  assert(it.outbox.spooledBytes > 0 && failures.length > 0);
  assertEquals(values(it.log), []);
  it.push(25, 60);
  await it.safe(60);
  it.log.isDown = false;
  it.push(60, 70);
  await it.outbox.flush();
  assertEquals(values(it.log), range(0, 70));
  assertEquals(it.durable, range(0, 70));
  assertEquals(it.outbox.spooledBytes, 0);
});

Deno.test("an append that fails half-way doubles nothing", async () => {
  await using it = await open();
  it.log.halfAppends = 3;
  it.push(0, 25);
  await it.outbox.flush();
  assertEquals(values(it.log).toSorted((a, b) => a - b), range(0, 25));
});

Deno.test("an append that hangs and then succeeds doubles nothing, though it went to disk", async () => {
  await using it = await open();
  const { promise, resolve } = Promise.withResolvers<void>();
  it.log.hold = promise;
  it.push(0, 25);
  await it.safe(25);
  assert(it.outbox.spooledBytes > 0);
  resolve();
  await it.outbox.flush();
  assertEquals(values(it.log), range(0, 25));
  assertEquals(it.outbox.spooledBytes, 0);
});

Deno.test("what is on disk when the process dies is brought to the log by the next, once", async () => {
  await using dir = await tempDir({});
  const log = new MemoryLog(1);
  {
    await using spool = await Spool.open(dir.path, { maxBytes: 1e9 });
    const outbox = new Outbox({ log, spool });
    log.isDown = true;
    for (const n of range(0, 20)) {
      outbox.push({ topic: "events", record: { key: String(n), value: String(n) } });
    }
    await outbox.stop();
  }
  log.isDown = false;
  // As if the first of them had reached the log before the crash.
  await log.append("events", range(0, 7).map((n) => ({ key: String(n), value: String(n) })));
  await using spool = await Spool.open(dir.path, { maxBytes: 1e9 });
  const outbox = new Outbox({ log, spool });
  await outbox.flush();
  assertEquals(values(log), range(0, 20));
  await outbox.stop();
});

Deno.test("when memory and spool are full the gate closes, and opens once there is room", async () => {
  await using it = await open({ maxBytes: 2000, maxQueue: 30 });
  it.log.isDown = true;
  let pushed = 0;
  await waitUntil(() => {
    if (it.outbox.gate.reason === null) it.push(pushed, ++pushed);
    return it.outbox.gate.reason !== null;
  }, { what: "the gate", timeoutMs: 20_000, intervalMs: 5 });
  const safe = it.durable.length;
  assert(it.outbox.spooledBytes > 0 && it.outbox.spooledBytes <= 2000);
  assert(safe > 0 && safe < pushed, `${safe} of ${pushed} are safe`);
  it.log.isDown = false;
  await it.outbox.gate.opened(AbortSignal.timeout(20_000));
  await it.outbox.flush();
  assertEquals(it.outbox.gate.reason, null);
  assertEquals(values(it.log), range(0, pushed));
  assertEquals(it.durable, range(0, pushed));
});

Deno.test("entries pushed at any moment around an append are safe when they are said to be", async () => {
  for (let microtask = 0; microtask < 12; microtask++) {
    // As another follower of the process might, in the turn in which an append ends.
    const pushMore = async () => {
      for (let i = 0; i < microtask; i++) await null;
      it.push(10, 50);
      await new Promise((resolve) => setTimeout(resolve, 0));
      it.push(50, 70);
    };
    await using it = await open({ maxQueue: 30, onFirstDurable: () => void pushMore() });
    it.push(0, 10);
    await waitUntil(() => it.durable.length === 70, { what: "all to be safe", timeoutMs: 5000 });
    await it.outbox.flush();
    assertEquals(values(it.log), range(0, 70), `at microtask ${microtask}`);
  }
});

Deno.test("a disk that takes no acknowledgement ends nothing and doubles nothing", async () => {
  const errors: unknown[] = [];
  await using it = await open({ onSpoolError: (error) => errors.push(error) });
  it.log.isDown = true;
  it.push(0, 35);
  await it.safe(35);
  // Where the acknowledgement is to be written.
  await Deno.mkdir(`${it.folder}/done.json.new`);
  it.log.isDown = false;
  await it.outbox.flush();
  assertEquals(values(it.log), range(0, 35));
  assert(errors.length > 0);
  assert(it.spool.isEmpty);
});

Deno.test("a record that its topic does not take goes elsewhere, and holds nobody up", async () => {
  await using it = await open({
    insteadOf: ({ topic, record }) => topic === "errors" ? null : { topic: "errors", record },
  });
  it.log.maxBytes = 3;
  const big = { key: "big", value: "9999" };
  it.push(0, 5);
  it.outbox.push({ topic: "events", record: big, onDurable: () => it.durable.push(9999) });
  it.push(5, 12);
  await it.outbox.flush();
  assertEquals(values(it.log), range(0, 12));
  assertEquals(it.log.records("errors").length, 0);
  assertEquals(it.durable, [...range(0, 5), 9999, ...range(5, 12)]);
  it.log.maxBytes = Infinity;
  const odd = { key: null, value: "9999" };
  it.outbox.push({ topic: "errors", record: odd });
  await it.outbox.flush();
  assertEquals(it.log.records("errors").length, 1);
});

Deno.test("records that are alike all reach the log, though some of them may be there", async () => {
  await using it = await open();
  const alike = (seen: string) => ({ key: null, value: "{not json", headers: { seen } });
  await it.log.append("errors", [alike("1")]);
  it.log.isDown = true;
  for (const seen of ["2", "2", "3"]) {
    it.outbox.push({ topic: "errors", record: alike(seen), onDurable: () => it.durable.push(0) });
  }
  await it.safe(3);
  it.log.halfAppends = 1;
  it.log.isDown = false;
  await it.outbox.flush();
  assertEquals(it.log.records("errors").map(({ headers }) => headers.seen), ["1", "2", "2", "3"]);
});
