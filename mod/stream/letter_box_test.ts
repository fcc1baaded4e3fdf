import { assertEquals, assertRejects } from "@std/assert";
import type { NewRecord } from "../log/event_log.ts";
import { LetterBox } from "./letter_box.ts";

const letter = (key: string): NewRecord => ({ key, value: "{" });

Deno.test("LetterBox sends together what comes together, in order, and what comes later later", async () => {
  const requests: (string | null)[][] = [];
  const box = new LetterBox({
    append: (letters) => {
      requests.push(letters.map(({ key }) => key));
      return Promise.resolve();
    },
    lingerMs: 1,
  });
  await Promise.all([box.post([letter("1"), letter("2")]), box.post([letter("3")])]);
  await box.post([letter("4")]);
  assertEquals(requests, [["1", "2", "3"], ["4"]]);
});

Deno.test("LetterBox says that letters are kept no sooner than they are", async () => {
  const durable = Promise.withResolvers<void>();
  const box = new LetterBox({ append: () => durable.promise, lingerMs: 0 });
  let kept = false;
  const posted = box.post([letter("1")]).then(() => kept = true);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals(kept, false);
  durable.resolve();
  await posted;
});

Deno.test("LetterBox tells everybody whose letters were not kept, and goes on", async () => {
  let fails = true;
  const box = new LetterBox({
    append: () => fails ? Promise.reject(new Error("away")) : Promise.resolve(),
    lingerMs: 0,
  });
  await Promise.all([
    assertRejects(() => box.post([letter("1")]), Error, "away"),
    assertRejects(() => box.post([letter("2")]), Error, "away"),
  ]);
  fails = false;
  await box.post([letter("1"), letter("2")]);
});
