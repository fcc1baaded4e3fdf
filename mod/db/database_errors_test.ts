import { assert, assertEquals } from "@std/assert";
import { explainDatabaseError } from "./database_errors.ts";

const error = (code: string, message: string) => Object.assign(new Error(message), { code });

Deno.test("an error that somebody can mend becomes one line with what to do", () => {
  const cases = [
    [error("28P01", 'password authentication failed for user "a"'), "PG_PASS"],
    [error("3D000", 'database "x" does not exist'), "correct PG_URL"],
    [error("42501", "permission denied for database x"), "sql/grants.sql"],
    [error("53100", "could not extend file: No space left on device"), "room on its disk"],
    [error("ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:1"), "start it or correct PG_URL"],
    [error("ENOTFOUND", "getaddrinfo ENOTFOUND nowhere"), "correct the host in PG_URL"],
    [error("57P03", "the database system is\nstarting up"), "start it and try again"],
    [new Error("Connection terminated unexpectedly"), "start it and try again"],
    [new Error("The server does not support SSL connections"), "sslmode"],
  ] as const;
  for (const [cause, remedy] of cases) {
    const line = explainDatabaseError(cause) ?? "nothing";
    assert(line.includes(remedy), line);
    assert(line.includes(cause.message.replaceAll("\n", " ")), line);
    assert(!line.includes("\n") && !line.endsWith("."), line);
  }
  const lines = cases.map(([cause]) => explainDatabaseError(cause));
  assertEquals(
    lines[0],
    'The database refuses the login (password authentication failed for user "a"): ' +
      "correct PG_USER and PG_PASS, or the login in PG_URL",
  );
});

Deno.test("all else is left as it is", () => {
  assertEquals(explainDatabaseError(new Error("Cannot read x")), null);
  assertEquals(explainDatabaseError(error("42601", "syntax error")), null);
  assertEquals(explainDatabaseError("text"), null);
});
