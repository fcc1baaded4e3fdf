import { assert, assertEquals } from "@std/assert";
import { BatchGate } from "./_batch_gate.ts";
import { sleep } from "../async/waiting.ts";
import { Ticker } from "./_ticker.ts";

Deno.test("pass() lets a limited number through, passAlone() one and nothing beside it", async () => {
  const gate = new BatchGate(3);
  let [running, most, alone, besides, done] = [0, 0, false, 0, 0];
  const batch = () =>
    gate.pass(async () => {
      if (alone) besides++;
      most = Math.max(most, ++running);
      await sleep(Math.random() * 3);
      running--;
      done++;
    });
  const batches = Array.from({ length: 60 }, batch);
  for (let i = 0; i < 5; i++) {
    await gate.passAlone(async () => {
      alone = true;
      if (running > 0) besides++;
      await sleep(2);
      alone = false;
    });
    await sleep(3);
  }
  await Promise.all(batches);
  assertEquals([most, besides, done, gate.isIdle], [3, 0, 60, true]);
});

Deno.test("a failed batch does not block the gate", async () => {
  const gate = new BatchGate(1);
  const failed = gate.pass(() => Promise.reject(new Error("no"))).catch(() => "failed");
  assertEquals([await failed, await gate.pass(() => Promise.resolve("next"))], ["failed", "next"]);
});

Deno.test("ticks come under constant load too, later", async () => {
  const gate = new BatchGate(2);
  const stop = new AbortController();
  const load = [0, 1].map(async () => {
    while (!stop.signal.aborted) await gate.pass(() => sleep(7));
  });
  let ticks = 0;
  {
    const tick = () => Promise.resolve(void ticks++);
    await using _ticker = new Ticker(gate, { intervalMs: 20, tick });
    while (ticks < 3) await sleep(5);
  }
  const before = ticks;
  await sleep(150);
  stop.abort();
  await Promise.all(load);
  assertEquals(ticks, before, "it ticks after its end");
  assert(ticks >= 3);
});
