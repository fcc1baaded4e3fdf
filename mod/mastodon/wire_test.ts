import { assert, assertEquals, assertFalse, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { decodeEvent, encodeEvent, isId, isInstant, type Toot, WireError } from "./wire.ts";

const encoder = new TextEncoder();

const toot: Toot = {
  uri: "https://a.example/1",
  created_at: "2026-01-05T10:00:00.000Z",
  edited_at: null,
  lang: "en",
  account_id: "ann",
  acct: null,
  is_bot: false,
  text: "Tea 🐘",
  hashtags: ["tea"],
  in_reply_to_id: null,
  visibility: "public",
  replies: 0,
  reblogs: 0,
  favourites: 0,
  media: 0,
};

Deno.test("an event comes back as it was encoded", () => {
  const update = {
    v: 1,
    type: "update",
    instance: "a.example",
    id: "9223372036854775807",
  } as const;
  const events = [
    { ...update, toot },
    { ...update, type: "status.update", toot: { ...toot, raw: { a: [1, { b: null }] } } },
    { v: 1, type: "delete", instance: "a.example", id: "0" },
  ] as const;
  for (const event of events) assertEquals(decodeEvent(encoder.encode(encodeEvent(event))), event);
});

Deno.test("isId() takes decimal numbers of at most 63 bits and nothing else", () => {
  for (const id of ["0", "1", "115782031459612345", "9223372036854775807"]) assert(isId(id), id);
  const bad = ["", "-1", "+1", "01", "1.0", "1e3", " 1", "1\n", "9223372036854775808", "x", "١"];
  bad.push("18446744073709551615", "10000000000000000000", "9".repeat(100));
  for (const id of bad) assertFalse(isId(id), id);
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n }), (n) => {
    assertEquals(isId(String(n)), n < 2n ** 63n);
  }));
});

Deno.test("isInstant() takes dates that Date and PostgreSQL hold alike", () => {
  const good = ["1970-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "2026-02-28T23:59:59Z"];
  for (const text of good) assert(isInstant(text), text);
  const bad = ["", "soon", "0000-01-01T00:00:00.000Z", "1969-12-31T23:59:59.999Z"];
  bad.push("2026-13-45T99:99:99.999Z", "+010000-01-01T00:00:00.000Z", "-000001-01-01T00:00:00Z");
  bad.push("9999-12-31T24:00:00.000Z");
  for (const text of bad) assertFalse(isInstant(text), text);
});

/** What is wrong with an update whose fields are these. */
function refusal(fields: Record<string, unknown>, around: Record<string, unknown> = {}): string {
  const event = {
    v: 1,
    type: "update",
    instance: "a",
    id: "1",
    toot: { ...toot, ...fields },
    ...around,
  };
  return assertThrows(() => decodeEvent(encoder.encode(JSON.stringify(event))), WireError).message;
}

Deno.test("decodeEvent() refuses what the tables cannot hold, and says what it is", () => {
  assertStringIncludes(refusal({ created_at: "2026-13-45T99:99:99.999Z" }), "toot.created_at");
  assertStringIncludes(
    refusal({ created_at: "0000-01-01T00:00:00.000Z" }),
    "between 1970 and 9999",
  );
  assertStringIncludes(refusal({ created_at: "2026-01-05" }), "toot.created_at");
  assertStringIncludes(refusal({ edited_at: "9999-99-99T00:00:00.000Z" }), "toot.edited_at");
  assertStringIncludes(refusal({ uri: "" }), "toot.uri");
  // An index entry holds 2,704 bytes; this has 2,048 UTF-16 units and three bytes for each.
  assertStringIncludes(refusal({ uri: "木".repeat(2048) }), "toot.uri: longer than 2048 bytes");
  assertStringIncludes(refusal({ replies: 2 ** 31 }), "toot.replies");
  assertStringIncludes(refusal({ media: 1.5 }), "toot.media");
  assertStringIncludes(refusal({ text: null }), "toot.text");
  assertStringIncludes(refusal({ text: "x".repeat(1_000_001) }), "toot.text");
  assertStringIncludes(refusal({ hashtags: [""] }), "toot.hashtags.0");
  assertStringIncludes(refusal({ hashtags: Array(257).fill("x") }), "toot.hashtags");
  assertStringIncludes(refusal({ raw: [] }), "toot.raw");
  assertStringIncludes(refusal({ account_id: "" }), "toot.account_id");
  assertStringIncludes(refusal({}, { id: "9223372036854775808" }), "63 bits");
  assertStringIncludes(refusal({}, { id: 1 }), "Invalid id");
  assertStringIncludes(refusal({}, { instance: "" }), "Invalid instance");
  assertStringIncludes(refusal({}, { v: 2 }), "Invalid v");
  assertStringIncludes(refusal({}, { type: "insert" }), "Invalid type");
  assertStringIncludes(refusal({}, { toot: undefined }), "Invalid toot");
});

Deno.test("decodeEvent() never fails but with a WireError", () => {
  const refuse = (bytes: Uint8Array, reason: string) =>
    assertEquals(assertThrows(() => decodeEvent(bytes), WireError).message, reason);
  refuse(new Uint8Array(), "Malformed JSON");
  refuse(encoder.encode("{"), "Malformed JSON");
  refuse(encoder.encode('"\u0000"'), "Malformed JSON");
  refuse(new Uint8Array([0xff, 0xfe]), "Not UTF-8");
  refuse(new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]), "Not UTF-8");
  for (const text of ["null", "1", '"x"', "[]", "{}", "[".repeat(50_000) + "]".repeat(50_000)]) {
    assertStringIncludes(
      assertThrows(() => decodeEvent(encoder.encode(text)), WireError).message,
      "Invalid",
    );
  }
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.json().map((j) => encoder.encode(j))), (bytes) => {
      assertThrows(() => decodeEvent(bytes), WireError);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("decodeEvent() refuses nesting that would break whoever walks it", () => {
  const deep = (key: string) => {
    const json = encodeEvent({
      v: 1,
      type: "update",
      instance: "a",
      id: "1",
      toot: { ...toot, raw: {} },
    });
    const nest = "[".repeat(100_000) + "]".repeat(100_000);
    return encoder.encode(json.replace('"raw":{}', `"raw":{"${key}":${nest}}`));
  };
  const message = (bytes: Uint8Array) => assertThrows(() => decodeEvent(bytes), WireError).message;
  assertEquals(message(deep("x")), "Invalid toot.raw: nested too deeply");
  assertEquals(message(deep("\\u0000")), "Nested too deeply");
});

Deno.test("decodeEvent() cleans what only escapes can bring in", () => {
  const json = JSON.stringify({
    v: 1,
    type: "update",
    instance: "a.example",
    id: "1",
    toot: { ...toot, text: "a\u0000\ud800", hashtags: ["\u0000"], raw: { "k\u0000": "\udc00" } },
  });
  assertStringIncludes(json, "\\u0000");
  const event = decodeEvent(encoder.encode(json));
  assert(event.type === "update");
  assertEquals(event.toot.text, "a\ufffd\ufffd");
  assertEquals(event.toot.hashtags, ["\ufffd"]);
  assertEquals(event.toot.raw, { "k\ufffd": "\ufffd" });
});
