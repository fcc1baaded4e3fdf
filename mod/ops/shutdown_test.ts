import { assert, assertFalse } from "@std/assert";
import { isStop } from "./shutdown.ts";

Deno.test("an error that the signal caused is a stop, however deep it is wrapped", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const waiting = fetch("http://127.0.0.1:9", { signal }).catch((error: unknown) => error);
  controller.abort();
  const caught = await waiting;
  assert(isStop(caught, signal));
  assert(isStop(new Error("outer", { cause: new Error("inner", { cause: caught }) }), signal));
  assert(isStop(new DOMException("told to", "AbortError"), signal));
});

Deno.test("an error of its own is no stop, even after the signal", () => {
  const signal = AbortSignal.abort();
  for (const error of [new Error("disk full"), new Error("x", { cause: "y" }), "text", null]) {
    assertFalse(isStop(error, signal));
  }
});

Deno.test("nothing is a stop before the signal", () => {
  assertFalse(isStop(new DOMException("told to", "AbortError"), new AbortController().signal));
});
