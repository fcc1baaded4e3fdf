import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { anyText } from "./_any_text.ts";
import { parseFrame } from "./frame.ts";

Deno.test("parseFrame() takes events, with and without a payload", () => {
  assertEquals(parseFrame('{"stream":["public"],"event":"update","payload":"{}","extra":1}'), {
    kind: "event",
    event: "update",
    payload: "{}",
  });
  assertEquals(parseFrame('{"event":"filters_changed"}'), {
    kind: "event",
    event: "filters_changed",
    payload: "",
  });
});

Deno.test("parseFrame() takes errors in band", () => {
  assertEquals(parseFrame('{"error":"Missing access token","status":401}'), {
    kind: "error",
    message: "Missing access token",
    status: 401,
  });
  assertEquals(parseFrame('{"error":"Oh"}'), { kind: "error", message: "Oh", status: null });
});

Deno.test("parseFrame() names what is wrong with all else", () => {
  const reasons: readonly [data: string | Uint8Array, reason: string][] = [
    [new Uint8Array([1, 2]), "Binary frame"],
    ["", "Malformed JSON"],
    ['{"event":"upd', "Malformed JSON"],
    ["x".repeat(5_000_000), "Payload too large"],
    ["null", "Not a frame of the streaming API"],
    ["[]", "Not a frame of the streaming API"],
    ['"update"', "Not a frame of the streaming API"],
    ['{"event":1,"payload":"1"}', "Not a frame of the streaming API"],
    ['{"event":"delete","payload":1}', "Not a frame of the streaming API"],
    [`{"event":"${"x".repeat(201)}"}`, "Not a frame of the streaming API"],
    ['{"error":{}}', "Not a frame of the streaming API"],
    ["[".repeat(100_000) + "]".repeat(100_000), "Not a frame of the streaming API"],
  ];
  for (const [data, reason] of reasons) {
    assertEquals(parseFrame(data), { kind: "malformed", reason });
  }
});

Deno.test("parseFrame() never throws", () => {
  fc.assert(
    fc.property(fc.oneof(anyText(), fc.json(), fc.uint8Array()), (data) => {
      parseFrame(data);
    }),
    { numRuns: 1000 },
  );
});
