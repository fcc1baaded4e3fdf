import { assert, assertEquals, assertObjectMatch, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { anyText } from "./_any_text.ts";
import {
  MAX_PAYLOAD,
  normalizeFrame,
  type NormalizeRules,
  type Outcome,
  type SkipReason,
} from "./normalize.ts";
import { hmacPseudonyms } from "./pseudonym.ts";
import { decodeEvent, encodeEvent, type Toot } from "./wire.ts";

const rules: NormalizeRules = {
  instance: "a.example",
  consent: "respect",
  pseudonym: (address) => `hash of ${address}`,
  keepRaw: false,
};

const account = { acct: "ann", bot: false, note: "", noindex: false, indexable: true };

const status = {
  id: "115782031459612345",
  uri: "https://a.example/users/ann/statuses/115782031459612345",
  created_at: "2026-01-05T10:00:00.000Z",
  edited_at: null,
  content: "<p>Tea &amp; toast</p>",
  language: "en",
  visibility: "public",
  in_reply_to_id: null,
  reblog: null,
  tags: [{ name: "Tea", url: "https://a.example/tags/tea" }],
  media_attachments: [{}, {}],
  replies_count: 1,
  reblogs_count: 2,
  favourites_count: 3,
  account,
};

function update(
  fields: Record<string, unknown> = {},
  with_: Partial<NormalizeRules> = {},
): Outcome {
  const payload = JSON.stringify({ ...status, ...fields });
  return normalizeFrame({ event: "update", payload }, { ...rules, ...with_ });
}

function tootOf(outcome: Outcome): Toot {
  assert(outcome.kind === "event", JSON.stringify(outcome));
  assert("toot" in outcome.event);
  return outcome.event.toot;
}

Deno.test("normalizeFrame() reduces a status to a toot", () => {
  const outcome = update();
  assertEquals(outcome, {
    kind: "event",
    event: {
      v: 1,
      type: "update",
      instance: "a.example",
      id: status.id,
      toot: {
        uri: `hmac://a.example/hash of ${status.uri}`,
        created_at: "2026-01-05T10:00:00.000Z",
        edited_at: null,
        lang: "en",
        account_id: "hash of ann@a.example",
        acct: null,
        is_bot: false,
        text: "Tea & toast",
        hashtags: ["tea"],
        in_reply_to_id: null,
        visibility: "public",
        replies: 1,
        reblogs: 2,
        favourites: 3,
        media: 2,
      },
    },
  });
});

Deno.test("normalizeFrame() keeps the event's name and a delete's bare id", () => {
  const payload = JSON.stringify(status);
  const edit = normalizeFrame({ event: "status.update", payload }, rules);
  assert(edit.kind === "event" && edit.event.type === "status.update");
  const gone = normalizeFrame({ event: "delete", payload: "9223372036854775807" }, rules);
  assertEquals(gone, {
    kind: "event",
    event: { v: 1, type: "delete", instance: "a.example", id: "9223372036854775807" },
  });
});

Deno.test("normalizeFrame() names authors as it is told", () => {
  assertEquals(
    tootOf(update({ account: { ...account, acct: "bo@b.example" } })).account_id,
    "hash of bo@b.example",
  );
  assertEquals(
    tootOf(update({ account: { ...account, acct: "Bo@B.example" } })).account_id,
    "hash of bo@b.example",
  );
  const uri = "https://b.example/users/bo/statuses/1";
  assertEquals(tootOf(update({ uri })).uri, `hmac://b.example/hash of ${uri}`);
  assertEquals(tootOf(update({ uri }, { pseudonym: null })).uri, uri);
  const plain = tootOf(update({}, { pseudonym: null }));
  assertEquals([plain.account_id, plain.acct], ["ann@a.example", "ann@a.example"]);
});

Deno.test("normalizeFrame() skips what is not to be collected, with the reason", () => {
  const skips: readonly [outcome: Outcome, reason: SkipReason][] = [
    [update({ reblog: { id: "1" } }), "boost"],
    [update({ reblog: false }), "boost"],
    [update({ visibility: "unlisted" }), "not_public"],
    [update({ visibility: "private" }), "not_public"],
    [update({ visibility: "direct" }), "not_public"],
    [update({ account: { ...account, note: "<p>#nobot</p>" } }), "opted_out"],
    [update({ account: { ...account, noindex: true } }), "opted_out"],
    [update({ account: { ...account, indexable: false } }, { consent: "strict" }), "opted_out"],
    [update({ account: { acct: "ann" } }, { consent: "strict" }), "opted_out"],
    [normalizeFrame({ event: "filters_changed", payload: "" }, rules), "other_event"],
    [normalizeFrame({ event: "notification", payload: "{}" }, rules), "other_event"],
  ];
  for (const [outcome, reason] of skips) assertObjectMatch(outcome, { kind: "skip", reason });
});

Deno.test("normalizeFrame() refuses what it cannot use, with the reason", () => {
  const reason = (outcome: Outcome) => outcome.kind === "refuse" ? outcome.reason : outcome.kind;
  const frame = (event: string, payload: string) =>
    reason(normalizeFrame({ event, payload }, rules));
  assertEquals(frame("update", "{"), "Malformed JSON");
  assertEquals(frame("update", ""), "Malformed JSON");
  assertEquals(frame("status.update", "x".repeat(MAX_PAYLOAD + 1)), "Payload too large");
  assertEquals(frame("delete", "x".repeat(5_000_000)), "Payload too large");
  assertEquals(frame("delete", "9223372036854775808"), "Invalid id: not an id of at most 63 bits");
  assertEquals(frame("delete", ""), "Invalid id: not an id of at most 63 bits");
  assertEquals(frame("shout", "{}"), "Unknown event name");
  assertEquals(frame("", ""), "Unknown event name");
  for (const payload of ["null", "[]", "1", '"x"', "{}"]) {
    assertStringIncludes(frame("update", payload), "Invalid ");
  }
  const fields: readonly [fields: Record<string, unknown>, reason: string][] = [
    [{ id: undefined }, "Invalid id"],
    [{ id: 115782031459612345 }, "Invalid id"],
    [{ id: "18446744073709551616" }, "Invalid id: not an id of at most 63 bits"],
    [{ id: "01" }, "Invalid id: not an id of at most 63 bits"],
    [{ created_at: undefined }, "Invalid created_at"],
    [{ created_at: "yesterday" }, "Invalid created_at: not a date between 1970 and 9999"],
    [{ created_at: "0001-01-01T00:00:00.000Z" }, "Invalid created_at: not a date"],
    [{ created_at: "+012026-01-01T00:00:00.000Z" }, "Invalid created_at: not a date"],
    [{ edited_at: "never" }, "Invalid edited_at: not a date"],
    [{ uri: "" }, "Invalid uri"],
    [{ uri: "https://a.example/" + "木".repeat(1000) }, "Invalid uri: longer than 2048 bytes"],
    [{ content: null }, "Invalid content"],
    [{ visibility: undefined }, "Invalid visibility"],
    [{ account: null }, "Invalid account"],
    [{ account: { ...account, acct: "" } }, "Invalid account.acct"],
  ];
  for (const [change, expected] of fields) assertStringIncludes(reason(update(change)), expected);
});

Deno.test("normalizeFrame() takes a status of any size up to the limit", () => {
  const room = MAX_PAYLOAD - JSON.stringify({ ...status, content: "" }).length;
  assertEquals(tootOf(update({ content: "x".repeat(room) })).text.length, room);
  assertEquals(update({ content: "x".repeat(room + 1) }), {
    kind: "refuse",
    reason: "Payload too large",
  });
});

Deno.test("normalizeFrame() mends what other software gets wrong", () => {
  const toot = tootOf(update({
    edited_at: undefined,
    language: "EN-gb",
    tags: null,
    media_attachments: "none",
    replies_count: -5,
    reblogs_count: 1e300,
    favourites_count: "7",
    in_reply_to_id: 12,
    account: { acct: "Ann@A.example", bot: "yes", note: null },
  }));
  assertEquals(toot.lang, "en-gb");
  assertEquals([toot.replies, toot.reblogs, toot.favourites], [0, 2_147_483_647, 0]);
  assertEquals([toot.hashtags, toot.media, toot.in_reply_to_id, toot.is_bot], [[], 0, null, false]);
  const languages: readonly [language: unknown, lang: string][] = [
    [null, "und"],
    [undefined, "und"],
    ["", "und"],
    ["english", "und"],
    ["zh-Hant-TW", "zh-hant-tw"],
    [7, "und"],
    ["e\u0000", "und"],
    ["en\n", "und"],
  ];
  for (const [language, lang] of languages) assertEquals(tootOf(update({ language })).lang, lang);
});

Deno.test("normalizeFrame() turns dates of any zone into UTC", () => {
  const toot = tootOf(
    update({ created_at: "2026-01-05T12:00:00+02:00", edited_at: "2026-01-05T10:00:01Z" }),
  );
  assertEquals(toot.created_at, "2026-01-05T10:00:00.000Z");
  assertEquals(toot.edited_at, "2026-01-05T10:00:01.000Z");
});

Deno.test("normalizeFrame() gives each hashtag once, clean and not too many", () => {
  const names = ["Tea", "tea", "TE\u0301", "t\u00e9", "", "a\u0000", "x".repeat(513)];
  const few = tootOf(update({ tags: names.map((name) => ({ name })) }));
  assertEquals(few.hashtags, ["tea", "té", "a\ufffd"]);
  const many = tootOf(update({ tags: Array.from({ length: 999 }, (_, i) => ({ name: `t${i}` })) }));
  assertEquals(many.hashtags.length, 256);
});

Deno.test("normalizeFrame() keeps the raw status only if asked, clean and not too deep", () => {
  const plain = { pseudonym: null, keepRaw: true };
  assertEquals(tootOf(update()).raw, undefined);
  const toot = tootOf(update({ poll: { "n\u0000": "\ud800" } }, plain));
  assertEquals(toot.raw?.poll, { "n\ufffd": "\ufffd" });
  assertEquals(toot.raw?.id, status.id);
  const deep = JSON.stringify(status).replace(
    '"reblog":null',
    `"card":${"[".repeat(90_000)}${"]".repeat(90_000)}`,
  );
  const refused = normalizeFrame({ event: "update", payload: deep }, { ...rules, ...plain });
  assertEquals(refused, { kind: "refuse", reason: "Nested too deeply" });
  assertEquals(
    tootOf(normalizeFrame({ event: "update", payload: deep }, rules)).text,
    "Tea & toast",
  );
});

Deno.test("normalizeFrame() never throws, and what it takes the stream takes too", () => {
  const junk = fc.oneof(
    anyText(),
    fc.integer(),
    fc.constantFrom(null, undefined, [], {}, "x".repeat(600)),
  );
  const mutant = fc.record({
    id: fc.oneof({ weight: 5, arbitrary: fc.constant("12") }, junk),
    uri: fc.oneof({ weight: 3, arbitrary: fc.constant("https://a.example/12") }, junk),
    content: fc.oneof({ weight: 5, arbitrary: anyText(40) }, junk),
    language: fc.oneof(fc.constantFrom("en", "De-at"), junk),
    tags: fc.oneof(fc.array(fc.record({ name: anyText() })), junk),
    in_reply_to_id: junk,
    replies_count: junk,
    account: fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ acct: fc.oneof(anyText(), fc.constant("a".repeat(512))) }),
      },
      junk,
    ),
    card: junk,
  });
  const options = fc.record({
    instance: fc.constantFrom("a.example", "x".repeat(253)),
    pseudonym: fc.constantFrom(null, hmacPseudonyms("a key of sixteen+ characters")),
    keepRaw: fc.boolean(),
  });
  let taken = 0;
  fc.assert(
    fc.property(mutant, options, (fields, with_) => {
      const outcome = update(fields, with_);
      if (outcome.kind !== "event") return;
      taken++;
      const bytes = new TextEncoder().encode(encodeEvent(outcome.event));
      assertEquals(decodeEvent(bytes), outcome.event);
    }),
    { numRuns: 1000 },
  );
  assert(taken > 100, `only ${taken} of 1000 were taken: the test says little`);
});

Deno.test("normalizeFrame() says whose opt-out it was, under the stored name", () => {
  const account = { ...status.account, note: "<p>#nobot</p>" };
  const atMs = Date.parse(status.created_at);
  const optedOut = { kind: "skip", reason: "opted_out", id: status.id, atMs } as const;
  assertEquals(update({ account }, { pseudonym: null }), {
    ...optedOut,
    accountId: "ann@a.example",
  });
  assertEquals(update({ account }), {
    ...optedOut,
    accountId: "hash of ann@a.example",
  });
});
