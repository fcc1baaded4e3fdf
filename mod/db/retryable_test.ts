import { assertEquals, assertRejects } from "@std/assert";
import { isOutage, isRetryable, withRetries } from "./retryable.ts";

const error = (code: unknown, message = "x") => Object.assign(new Error(message), { code });

Deno.test("isRetryable() tells a meeting with another transaction from all else", () => {
  for (const code of ["40001", "40P01", "23505", "55P03"]) {
    assertEquals(isRetryable(error(code)), true);
  }
  for (const other of [error("53100"), error(40001), new Error("40001"), { code: "40001" }, null]) {
    assertEquals(isRetryable(other), false);
  }
});

Deno.test("isOutage() tells a database that is away or full from all else", () => {
  const codes = ["08006", "08001", "53100", "53300", "57P01", "57P02", "57P03", "25P03", "25006"];
  const network = ["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN"];
  for (const code of [...codes, ...network]) {
    assertEquals(isOutage(error(code)), true, code);
  }
  const lost = [
    "Connection terminated",
    "Connection terminated unexpectedly",
    "Connection terminated due to connection timeout",
    "timeout exceeded when trying to connect",
    "Client has encountered a connection error and is not queryable",
    "Client was closed and is not queryable",
  ];
  for (const message of lost) assertEquals(isOutage(new Error(message)), true, message);
  // A login, a database or a statement that is wrong stays wrong.
  for (const code of ["28P01", "3D000", "42501", "42P01", "40001", "57014", 8006]) {
    assertEquals(isOutage(error(code)), false, String(code));
  }
  assertEquals(isOutage(error("22021", "Connection terminated")), false);
  assertEquals(isOutage({ code: "08006" }), false);
  assertEquals(isOutage(null), false);
});

Deno.test("withRetries() gives up on other errors at once", async () => {
  let tries = 0;
  const failing = () => Promise.reject(Object.assign(new Error(`${++tries}`), { code: "53100" }));
  await assertRejects(() => withRetries(failing), Error, "1");
  assertEquals(await withRetries((attempt) => Promise.resolve(attempt)), 1);
});
