import { assert } from "@std/assert";
import { openTestDatabase } from "./_test_database.ts";

/** Whether a timer of 50 ms fires while something is done again and again for 3 s at most. */
async function timerFires(step: () => Promise<unknown>): Promise<boolean> {
  let fired = false;
  const timer = setTimeout(() => fired = true, 50);
  const end = performance.now() + 3000;
  while (!fired && performance.now() < end) await step();
  clearTimeout(timer);
  return fired;
}

Deno.test("timers have their turn while an embedded database is busy", async () => {
  await using db = await openTestDatabase();
  assert(await timerFires(() => db.query("SELECT 1")), "queries");
  assert(await timerFires(() => db.script("SELECT 1")), "scripts");
  assert(await timerFires(() => db.transaction((tx) => tx.query("SELECT 1"))), "transactions");
  assert(
    await db.transaction((tx) => timerFires(() => tx.query("SELECT 1"))),
    "queries of one transaction",
  );
});
