import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { tempDir } from "../testing/temp_dir.ts";
import { type Addressed, Spool } from "./spool.ts";

function record(n: number, more: Partial<Addressed["record"]> = {}): Addressed {
  return {
    topic: n % 3 === 0 ? "errors" : "events",
    record: { key: `${n}`, value: `v${n}`, ...more },
  };
}

async function drain(spool: Spool): Promise<Addressed[]> {
  const all: Addressed[] = [];
  for (;;) {
    const batch = await spool.peek(3);
    if (batch.length === 0) return all;
    all.push(...batch);
    await spool.drop(batch.length);
  }
}

Deno.test("Spool gives back what it took, in order, through any crash", async () => {
  const step = fc.oneof(
    fc.record({ append: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ drop: fc.integer({ min: 1, max: 4 }) }),
    fc.constant("crash" as const),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      await using dir = await tempDir({});
      let spool = await Spool.open(dir.path, { maxBytes: 1e6 });
      const model: Addressed[] = [];
      let next = 0;
      for (const step of steps) {
        if (step === "crash") {
          // Nothing is closed in order: only what was promised counts.
          const crashed = spool;
          spool = await Spool.open(dir.path, { maxBytes: 1e6 });
          await crashed[Symbol.asyncDispose]();
        } else if ("append" in step) {
          const records = Array.from({ length: step.append }, () => record(next++));
          assert(await spool.append(records));
          model.push(...records);
        } else {
          const batch = await spool.peek(step.drop);
          assertEquals(batch, model.slice(0, batch.length));
          assert(batch.length > 0 || model.length === 0);
          await spool.drop(batch.length);
          model.splice(0, batch.length);
        }
        assertEquals(spool.isEmpty, model.length === 0);
      }
      assertEquals(await drain(spool), model);
      assertEquals(spool.bytes, 0);
      await spool[Symbol.asyncDispose]();
    }),
    { numRuns: 300 },
  );
});

Deno.test("Spool does not take an emptied file's acknowledgement for a later file's", async () => {
  await using dir = await tempDir({});
  {
    await using spool = await Spool.open(dir.path, { maxBytes: 1e6 });
    await spool.append([record(1), record(2)]);
    await spool.drop(1);
    await spool.drop(1);
  }
  {
    await using spool = await Spool.open(dir.path, { maxBytes: 1e6 });
    await spool.append([record(3), record(4)]);
  }
  await using spool = await Spool.open(dir.path, { maxBytes: 1e6 });
  assertEquals(await drain(spool), [record(3), record(4)]);
});

Deno.test("Spool keeps bytes, headers and text as they are", async () => {
  await using dir = await tempDir({});
  await using spool = await Spool.open(dir.path, { maxBytes: 1e6 });
  const records = [
    record(1, { value: new Uint8Array([0, 255, 10, 13]) }),
    record(2, { value: 'a\nb\u2028"\\ \u0000 猫', headers: { reason: "x\ny" } }),
    record(3, { key: null }),
  ];
  await spool.append(records);
  assertEquals(await drain(spool), records);
});

Deno.test("Spool takes all of a batch or nothing, and never more than its bound", async () => {
  await using dir = await tempDir({});
  await using spool = await Spool.open(dir.path, { maxBytes: 300 });
  let taken = 0;
  while (await spool.append([record(taken)])) taken++;
  assert(taken > 3 && spool.bytes <= 300);
  assertEquals(await spool.append([record(0), record(1)]), false);
  assertEquals((await drain(spool)).length, taken);
  assert(await spool.append([record(0)]));
});

Deno.test("Spool leaves out half a line that a crash has left", async () => {
  await using dir = await tempDir({});
  {
    await using spool = await Spool.open(dir.path, { maxBytes: 1e6 });
    await spool.append([record(1), record(2)]);
  }
  const [entry] = await Array.fromAsync(Deno.readDir(dir.path));
  assert(entry !== undefined);
  await Deno.writeTextFile(`${dir.path}/${entry.name}`, '{"t":"events","k":"3","v":"v', {
    append: true,
  });
  await using spool = await Spool.open(dir.path, { maxBytes: 1e6 });
  assertEquals(await drain(spool), [record(1), record(2)]);
});

Deno.test("Spool passes over a line that has gone bad", async () => {
  await using dir = await tempDir({});
  const good = (key: string) => `{"t":"t","k":"${key}","v":"x"}\n`;
  const bad = [`{"t":"t","k":"2","b":"%%"}\n`, "{\n", `{"t":7}\n`];
  await Deno.writeTextFile(`${dir.path}/0000000001.ndjson`, good("1") + bad.join("") + good("3"));
  await using spool = await Spool.open(dir.path, { maxBytes: 1e6 });
  assertEquals((await spool.peek(9)).map(({ record }) => record.key), ["1", "3"]);
});

Deno.test("Spool says so if it cannot write, and takes what comes later", async () => {
  await using dir = await tempDir({});
  await using spool = await Spool.open(`${dir.path}/spool`, { maxBytes: 1e6 });
  await Deno.rename(`${dir.path}/spool`, `${dir.path}/elsewhere`);
  await assertRejects(() => spool.append([record(1)]), Deno.errors.NotFound);
  await Deno.rename(`${dir.path}/elsewhere`, `${dir.path}/spool`);
  assert(await spool.append([record(2)]));
  assertEquals(await drain(spool), [record(2)]);
});
