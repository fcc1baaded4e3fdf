import { assertEquals, assertThrows } from "@std/assert";
import { parseStreamName } from "./stream_name.ts";

Deno.test("parseStreamName() knows the public streams", () => {
  assertEquals(parseStreamName("public"), { kind: "public" });
  assertEquals(parseStreamName("public/local"), { kind: "public/local" });
  assertEquals(parseStreamName("public/remote"), { kind: "public/remote" });
  assertEquals(parseStreamName("hashtag:猫"), { kind: "hashtag", tag: "猫" });
});

Deno.test("parseStreamName() refuses all else", () => {
  for (const text of ["", "user", "Public", "public/", "hashtag:", "list:1"]) {
    assertThrows(() => parseStreamName(text), RangeError, `Cannot follow "${text}"`);
  }
});
