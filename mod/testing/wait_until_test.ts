import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { DeadlineError, waitUntil } from "./wait_until.ts";

Deno.test("waitUntil() returns the first thing found, falsy values among them", async () => {
  const answers = [undefined, false, 0, 1];
  const options = { what: "an answer", timeoutMs: 5_000, intervalMs: 1 };
  const found = await waitUntil<number>(() => {
    const answer = answers.shift();
    return answer === undefined || typeof answer === "boolean" ? undefined : answer;
  }, options);
  assertEquals(found, 0);
  assertEquals(answers, [1]);
});

Deno.test("waitUntil() says what it waited for and adds the detail", async () => {
  const error = await assertRejects(
    () =>
      waitUntil(() => false, {
        what: "the moon",
        timeoutMs: 1,
        intervalMs: 1,
        detail: () => "the log",
      }),
    DeadlineError,
  );
  assertMatch(error.message, /^Waited 1 ms for the moon, in vain\nthe log$/);
});

Deno.test("waitUntil() looks at least once, even with no time left", async () => {
  assertEquals(await waitUntil(() => "here", { what: "it", timeoutMs: 0 }), "here");
});

Deno.test("waitUntil() passes on what the check throws", async () => {
  const check = () => Promise.reject(new RangeError("broken"));
  await assertRejects(() => waitUntil(check, { what: "it", timeoutMs: 1_000 }), RangeError);
});
