import { assertEquals } from "@std/assert";
import { isRetryable } from "./retryable.ts";

Deno.test("isRetryable() tells a meeting with another transaction from all else", () => {
  const error = (code: unknown) => Object.assign(new Error("x"), { code });
  for (const code of ["40001", "40P01", "23505", "55P03"]) {
    assertEquals(isRetryable(error(code)), true);
  }
  for (const other of [error("53100"), error(40001), new Error("40001"), { code: "40001" }, null]) {
    assertEquals(isRetryable(other), false);
  }
});
