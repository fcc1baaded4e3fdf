import { assertEquals, assertThrows } from "@std/assert";
import { Pacer } from "./pace.ts";

Deno.test("Pacer: a rate spaces frames evenly and makes up for lost time", () => {
  const pacer = new Pacer({ rate: 10 });
  assertEquals(pacer.dueIn({ at: 0, now: 1000 }), 0);
  assertEquals(pacer.dueIn({ at: 5, now: 1000 }), 100);
  assertEquals(pacer.dueIn({ at: 9, now: 1500 }), -300);
});

Deno.test("Pacer: a speed follows the simulated time", () => {
  const pacer = new Pacer({ speed: 60 });
  assertEquals(pacer.dueIn({ at: 60_000, now: 0 }), 0);
  assertEquals(pacer.dueIn({ at: 120_000, now: 250 }), 750);
});

Deno.test("Pacer: after a rest it starts anew", () => {
  const pacer = new Pacer({ speed: 1 });
  pacer.dueIn({ at: 0, now: 0 });
  pacer.rest();
  assertEquals(pacer.dueIn({ at: 5000, now: 90_000 }), 0);
  assertEquals(pacer.dueIn({ at: 6000, now: 90_000 }), 1000);
});

Deno.test("Pacer: max never waits, nonsense is refused", () => {
  assertEquals(new Pacer("max").dueIn({ at: 1e15, now: 0 }), 0);
  for (const value of [0, -1, NaN, Infinity]) {
    assertThrows(() => new Pacer({ rate: value }), RangeError);
    assertThrows(() => new Pacer({ speed: value }), RangeError);
  }
});
