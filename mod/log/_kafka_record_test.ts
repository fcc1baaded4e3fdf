import { assertEquals } from "@std/assert";
import { KafkaRecord } from "./_kafka_record.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("KafkaRecord takes what other producers write", () => {
  const record = new KafkaRecord({
    offset: "9007199254740991",
    timestamp: "1767609000000",
    key: bytes("ключ"),
    value: null,
    headers: {
      once: bytes("a"),
      twice: [bytes("a"), bytes("b")],
      none: null,
      invalid: new Uint8Array([255]),
      ["__proto__"]: bytes("x"),
    },
  });
  assertEquals([record.offset, record.timestamp], [Number.MAX_SAFE_INTEGER, 1767609000000]);
  assertEquals([record.key, record.value.length], ["ключ", 0]);
  assertEquals(Object.entries(record.headers), [
    ["once", "a"],
    ["twice", "b"],
    ["none", ""],
    ["invalid", "\ufffd"],
    ["__proto__", "x"],
  ]);
  const bare = new KafkaRecord({ offset: "0", timestamp: "0", key: null, value: bytes("v") });
  assertEquals([bare.key, bare.headers], [null, {}]);
});
