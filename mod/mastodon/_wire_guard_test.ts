import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { anyText } from "./_any_text.ts";
import { cleanJson } from "./text.ts";
import { decodeEvent, encodeEvent, eventSchema, WireError, type WireEvent } from "./wire.ts";

const encoder = new TextEncoder();

const junk = fc.oneof(
  fc.constantFrom(null, true, "", [], {}, 0, -1, -0, 1.5, 2 ** 31 - 1, 2 ** 31, 1e300, "null"),
  anyText(),
);

/** A field as it should be, now and then something else. */
function mostly<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 30, arbitrary }, { weight: 1, arbitrary: junk });
}

const text = (min: number, max: number) =>
  fc.constantFrom(min, min + 1, max - 1, max, max + 1).chain((n) =>
    fc.constantFrom("x", "木").map((unit) => unit.repeat(Math.max(n, 0)))
  );
const small = fc.oneof({ weight: 20, arbitrary: fc.constantFrom("a", "né🐘") }, {
  weight: 1,
  arbitrary: text(1, 35),
});
const instant = fc.constantFrom(
  "2026-01-05T10:00:00.000Z",
  "1970-01-01T00:00:00.000Z",
  "9999-12-31T23:59:59.999Z",
);
const badInstant = fc.constantFrom(
  "1969-12-31T23:59:59.999Z",
  "0000-01-01T00:00:00.000Z",
  "2026-13-01T00:00:00.000Z",
  "2026-01-05T10:00:00Z",
  "2026-01-05",
  "9999-12-31T24:00:00.000Z",
);
const count = fc.constantFrom(0, 1, 2 ** 31 - 1);
const uri = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.constantFrom("https://a.example/1", "x".repeat(682), "木".repeat(682)),
  },
  { weight: 1, arbitrary: fc.constantFrom("x".repeat(683), "x".repeat(2048), "木".repeat(683)) },
);

const toot = fc.record({
  uri: mostly(uri),
  created_at: mostly(fc.oneof({ weight: 20, arbitrary: instant }, badInstant)),
  edited_at: mostly(fc.oneof(fc.constant(null), instant)),
  lang: mostly(small),
  account_id: mostly(fc.constantFrom("a", "x".repeat(766))),
  acct: mostly(fc.constantFrom(null, "a", "")),
  is_bot: mostly(fc.boolean()),
  text: mostly(fc.constantFrom("", "tea", "x".repeat(1000))),
  hashtags: mostly(fc.array(fc.constantFrom("a", "x".repeat(512), "b"), { maxLength: 3 })),
  in_reply_to_id: mostly(fc.constantFrom(null, "1", "x".repeat(64))),
  visibility: mostly(fc.constantFrom("public", "")),
  replies: mostly(count),
  reblogs: mostly(count),
  favourites: mostly(count),
  media: mostly(count),
}, { noNullPrototype: true });

const event = fc.record({
  v: mostly(fc.constant(1)),
  type: mostly(fc.constantFrom("update", "status.update", "delete", "opt_out")),
  instance: mostly(fc.constantFrom("a.example", "x".repeat(253))),
  id: mostly(fc.constantFrom("0", "9223372036854775807")),
  account_id: mostly(fc.constant("ann")),
  toot: fc.oneof({ weight: 8, arbitrary: toot }, {
    weight: 1,
    arbitrary: fc.tuple(toot, junk).map(([fields, raw]) => ({ ...fields, raw })),
  }, { weight: 1, arbitrary: junk }),
}, { noNullPrototype: true });

Deno.test("decodeEvent() takes and gives what the schema does, guard or no guard", () => {
  let [taken, refused] = [0, 0];
  fc.assert(
    fc.property(event, (value) => {
      const json = JSON.stringify(value);
      const expected = eventSchema.safeParse(cleanJson(JSON.parse(json)));
      let found: WireEvent;
      try {
        found = decodeEvent(encoder.encode(json));
      } catch (error) {
        assert(error instanceof WireError);
        assert(!expected.success, `refused: ${json}`);
        refused++;
        return;
      }
      taken++;
      assert(expected.success, `let through: ${json}`);
      // The guard leaves unknown fields where they are; nobody reads them.
      assertEquals(known(found), known(expected.data));
    }),
    { numRuns: 2000 },
  );
  assert(taken > 300 && refused > 300, `${taken} taken, ${refused} refused`);
});

Deno.test("decodeEvent() refuses each single field that is out of bounds", () => {
  const whole = fc.sample(fc.record({ event, toot }), { numRuns: 500, seed: 1 })
    .map(({ event, toot }) => ({ ...event, type: "update", toot }))
    .find((value) => eventSchema.safeParse(JSON.parse(JSON.stringify(value))).success);
  assert(whole !== undefined);
  const check = (value: unknown) => {
    const json = JSON.stringify(value);
    const expected = eventSchema.safeParse(JSON.parse(json)).success;
    let found = true;
    try {
      decodeEvent(encoder.encode(json));
    } catch (error) {
      assert(error instanceof WireError);
      found = false;
    }
    assertEquals(found, expected, json.slice(0, 300));
  };
  const values = [
    null,
    undefined,
    "",
    "x",
    "木".repeat(1025),
    "x".repeat(1_000_001),
    -1,
    0.5,
    2 ** 31,
  ];
  const more = [
    true,
    [],
    {},
    [""],
    ["x".repeat(513)],
    Array(257).fill("x"),
    "2026-13-01T00:00:00.000Z",
  ];
  for (const value of [...values, ...more]) {
    for (const name of Object.keys(whole)) check({ ...whole, [name]: value });
    for (const name of Object.keys(whole.toot)) {
      check({ ...whole, toot: { ...whole.toot, [name]: value } });
    }
  }
});

function known(event: WireEvent): unknown {
  return JSON.parse(encodeEvent(eventSchema.parse(event)));
}
