import { assertEquals } from "@std/assert";
import { mask } from "./mask.ts";

Deno.test("mask() hides secrets wherever and however they are spelled", () => {
  assertEquals(mask("token abc, abc!", ["abc"]), "token ***, ***!");
  assertEquals(mask("nothing", ["", "abc"]), "nothing");
  // A secret that is part of another must not leave the rest of it to be read.
  assertEquals(mask("airflow-2026 airflow", ["airflow", "airflow-2026"]), "*** ***");
  const secret = `p@ss/w "x" %`;
  assertEquals(
    mask(`postgresql://u:${encodeURIComponent(secret)}@db`, [secret]),
    "postgresql://u:***@db",
  );
  assertEquals(mask(JSON.stringify({ secret }), [secret]), '{"secret":"***"}');
  assertEquals(mask("$& $1", ["$&"]), "*** $1");
});
