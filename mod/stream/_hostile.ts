import type { WireEvent } from "../mastodon/wire.ts";
import { remove, update } from "./_story.ts";

/** Text that does not compress, so that an index entry has its full size. */
export function noise(units: number, { from, to }: { from: number; to: number }): string {
  let state = 42;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return from + (state >>> 8) % (to - from);
  };
  return Array.from({ length: units }, () => String.fromCharCode(next())).join("");
}

/** Characters of three bytes each. */
export const CJK = { from: 0x4e00, to: 0x9fff };

/** Everything that a record may hold and that a database might choke on. */
const HOSTILE: readonly Parameters<typeof update>[1][] = [
  { text: "a\u0000b\ud800c\udc00d" },
  { text: "x".repeat(1_000_000) },
  { text: "🐘".repeat(400_000) },
  { text: `"quoted" 'single' \\ {braces,} NULL \t\r\n\u0001\u001f\u007f\u200b\ufeff\uffff` },
  { text: "NULL", lang: "NULL", account_id: "NULL", in_reply_to_id: "NULL" },
  { hashtags: ["a\u001fb", "\u001f", 'q"u,o{t}e\\s', "NULL", "  ", "\u0000", "木"] },
  {
    hashtags: Array.from({ length: 256 }, (_, i) => noise(512, CJK) + i).map((t) => t.slice(-512)),
  },
  { uri: noise(2048, { from: 0x21, to: 0x7e }) },
  { uri: noise(682, CJK), account_id: noise(766, CJK) },
  { uri: "\u0000" },
  { lang: noise(35, CJK), visibility: noise(32, CJK), in_reply_to_id: noise(64, CJK) },
  { acct: noise(766, CJK), is_bot: true },
  { created_at: "1970-01-01T00:00:00.000Z" },
  { created_at: "1999-12-31T23:59:59.999Z" },
  {
    replies: 2_147_483_647,
    reblogs: 2_147_483_647,
    favourites: 2_147_483_647,
    media: 2_147_483_647,
  },
  { raw: { "\u0000": ["\ud800", 1e308, -1e-308, 1e21, 0.1, null, { "": "" }] } },
  { raw: JSON.parse(`{"deep":${"[".repeat(60)}${"]".repeat(60)},"__proto__":{"a":1}}`) },
  { instance: noise(253, CJK), uri: "https://long.example" },
  { instance: "a'b\"c\\d e", uri: "https://odd.example" },
];

/**
 * Each of them as a toot and once more as an edit, which takes another way into the tables, and ids
 * at the edge; 20 toots and 2 tombstones are left.
 */
export function hostileEvents(): WireEvent[] {
  const events: WireEvent[] = HOSTILE.flatMap((given, i) => [
    update(String(i), given),
    update(String(i), { ...given, edited_at: "9999-12-31T23:59:59.999Z" }),
  ]);
  events.push(update("9223372036854775807"), update("9223372036854775806"));
  events.push(update("9223372036854775807", { edited_at: "1970-01-01T00:00:00.000Z" }));
  events.push(remove("9223372036854775806"), remove("9223372036854775805"));
  return events;
}
