/**
 * Lines that a generated stream lacks: odd but good statuses, and what breaks careless readers.
 *
 * @module
 */

/** An ordinary status with fields replaced. */
function status(id: string, fields: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    id,
    uri: `https://far.example/users/ann/statuses/${id}`,
    created_at: "2026-01-07T12:00:00.000Z",
    edited_at: null,
    content: "<p>What a lovely day for a walk in the park</p>",
    visibility: "public",
    reblog: null,
    language: "en",
    tags: [],
    media_attachments: [],
    account: { id: "1", acct: "ann@far.example", note: "", noindex: false, bot: false },
    ...fields,
  });
}

/** Statuses of one moment, so many that each of a few partitions has some. */
function everywhere(firstId: number, created_at: string): string[] {
  return Array.from({ length: 24 }, (_, i) => status(String(firstId + i), { created_at }));
}

/** To be played at the end: they are younger than what the generator makes of early January. */
export const SPECIAL_LINES: readonly string[] = [
  // Either side of a window's edges.
  status("901", { created_at: "2026-01-07T12:00:00.000Z" }),
  status("902", { created_at: "2026-01-07T12:00:59.999Z" }),
  status("903", { created_at: "2026-01-07T12:01:00.000Z" }),
  // Other spellings of one instant, one author, one language.
  status("904", { created_at: "2026-01-07T14:01:30.250+02:00" }),
  status("905", {
    account: { id: "1", acct: "ANN@Far.Example", note: "", noindex: false, bot: false },
  }),
  status("906", { account: { id: "2", acct: "ben", note: "", noindex: false, bot: false } }),
  status("907", { language: "EN-gb" }),
  status("908", { language: "English, please" }),
  status("909", {
    language: null,
    content: "<p>This is a rather ordinary sentence in English about the weather outside</p>",
  }),
  status("910", { language: null, content: "<p>lol</p>" }),
  status("911", { language: "pt-br", content: "<p>Bom dia &amp; boa sorte</p>" }),
  // Code points, not UTF-16 units.
  status("912", { content: "<p>🐘🐘🐘 n&eacute; né 🏳️‍🌈</p>" }),
  status("913", { content: "" }),
  // Ids at the limit of 63 bits, and beyond it.
  status("9223372036854775807"),
  status("9223372036854775808"),
  status("0"),
  status("007"),
  status("-7"),
  // Opt-outs in all spellings, and what only looks like one.
  ...["#nobot", "<a href='x'>#<span>NoBots</span></a>", "hi#noindex", "#NOSEARCH!"].map((note, i) =>
    status(`92${i}`, { account: { id: "3", acct: "opt@out.example", note, noindex: false } })
  ),
  status("930", { account: { id: "4", acct: "flag@out.example", note: "", noindex: true } }),
  status("931", { account: { id: "5", acct: "bea@in.example", note: "#nobotany", noindex: null } }),
  // Boosts and posts for some people only.
  status("940", { reblog: JSON.parse(status("941")) }),
  status("942", { visibility: "unlisted" }),
  status("943", { visibility: "direct" }),
  // Versions in every order.
  status("950", { edited_at: "2026-01-07T13:00:00.000Z", content: "<p>newest</p>" }),
  status("950"),
  status("950", { edited_at: "2026-01-07T12:30:00.000Z", content: "<p>between</p>" }),
  status("950", { edited_at: "2026-01-07T13:00:00.000Z", content: "<p>newest</p>" }),
  status("950", { edited_at: "2026-01-07T14:00:00.000Z", content: "<p>newer</p>", language: "de" }),
  // Under a grace of 30 s the minute before 13:00 is open until 13:00:30 was seen, and then closed.
  ...everywhere(100, "2026-01-07T13:00:29.999Z"),
  ...everywhere(200, "2026-01-07T12:59:59.999Z"),
  ...everywhere(300, "2026-01-07T13:00:30.000Z"),
  ...everywhere(400, "2026-01-07T12:59:59.999Z"),
  // Not to be used.
  "",
  " ",
  "{",
  "null",
  "[]",
  '"text"',
  "17",
  status("960").slice(0, -9),
  status("961", { created_at: "yesterday" }),
  status("962", { created_at: undefined }),
  status("963", { edited_at: "tomorrow" }),
  status("964", { account: null }),
  status("965", { content: null }),
  status("966", { uri: "" }),
  status("967", { created_at: "2100-01-01T00:00:00.000Z" }),
  status("968", { content: "x".repeat(1_000_001) }),
];
