/**
 * Toots meant to break their reader. All of them are valid statuses and count as toots.
 *
 * @module
 */

/** What a hostile toot replaces in an ordinary one. */
export interface HostileParts {
  readonly content: string;
  readonly spoiler_text?: string;
  /** Names of tags, sent as they are. */
  readonly tags?: readonly string[];
  /** Goes into the account. */
  readonly display_name?: string;
}

/** Each makes one hostile toot; the generator takes them in turn so that all of them appear. */
export const HOSTILE: readonly (() => HostileParts)[] = [
  () => ({ content: `<p>Hello<script>alert("x")</script> and goodbye</p>` }),
  () => ({ content: `<p>Never closed <b>bold <i>both <a href="https://x.example">link` }),
  () => ({ content: `${"<div><span>".repeat(2_000)}deep${"</span></div>".repeat(2_000)}` }),
  () => ({ content: `${"<blockquote>".repeat(8_000)}no way back` }),
  () => ({ content: `<p><a href="https://x.example/?${"q".repeat(150_000)}">long</a> tail</p>` }),
  () => ({ content: `<p><a href="javascript:alert(1)" onclick="steal()">free cats</a></p>` }),
  () => ({ content: "<p>&lt;b&gt; &amp;amp; &#x1F600; &#0; &#xD83D; &#99999999; &bogus; &</p>" }),
  () => ({ content: "<p>NUL:\u0000: end</p>", spoiler_text: "a\u0000b" }),
  () => ({ content: "<p>half \ud83d of an emoji and \udc31 the other</p>" }),
  () => ({ content: "<p>tags</p>", tags: ["nul\u0000tag", "lone\udc31", "", "x".repeat(5_000)] }),
  () => ({ content: "<p>named</p>", display_name: "\u0000\ud83d' OR 1=1 --" }),
  () => ({ content: "<p>'; DROP TABLE masto.toots_raw; -- \\' $1 %s ${x} {{y}}</p>" }),
  () => ({ content: "<!-- never closed <p>hidden" }),
  () => ({ content: "<![CDATA[ <p>data</p> ]]><style>p{display:none}</style><p>styled</p>" }),
  () => ({ content: "</p></div></p><p>upside down</p></html>" }),
  () => ({ content: "<p>\u202Eright to left override\u202C zero\u200Bwidth \uFEFF bom</p>" }),
  () => ({ content: `<p>Z${"\u0336\u0489\u035c".repeat(300)}algo</p>` }),
  () => ({ content: "<p>   \t\n<br /><br>&nbsp;</p>" }),
  () => ({ content: "a < b > c & d < e plain text without markup <3" }),
  () => ({ content: `<p>${"🏳️‍🌈👩‍👩‍👧‍👦".repeat(400)}</p>` }),
  () => ({ content: `<p>,;"quoted", 'csv'\r\n=cmd|' /C calc'!A0</p>`, spoiler_text: "=1+1" }),
  () => ({ content: "<p>__proto__ constructor toString</p>", tags: ["__proto__", "constructor"] }),
];
