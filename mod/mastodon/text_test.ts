import { assert, assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import { anyText } from "./_any_text.ts";
import { cleanJson, cleanText, codePoints, htmlToText, isTooDeep, utf8Length } from "./text.ts";

Deno.test("htmlToText() reads Mastodon's markup as its author wrote it", () => {
  const cases: readonly [html: string, text: string][] = [
    ["", ""],
    ["<p></p>", ""],
    ["<p>One</p><p>Two</p>", "One\n\nTwo"],
    ["<p>One<br />Two<br>Three</p>", "One\nTwo\nThree"],
    ["<p>Tea &amp; &lt;toast&gt; &#39;now&#39; &#x1F600;</p>", "Tea & <toast> 'now' 😀"],
    [
      '<p><a href="https://a.example/long/path"><span class="invisible">https://</span>' +
      '<span class="ellipsis">a.example/long</span><span class="invisible">/path</span></a></p>',
      "https://a.example/long/path",
    ],
    [
      '<p><span class="h-card"><a href="https://b.example/@bo" class="u-url mention">@<span>bo' +
      '</span></a></span> see <a href="https://b.example/tags/Cats" rel="tag">#<span>Cats</span></a>',
      "@bo see #Cats",
    ],
    ["<p>a<script>alert(1)</script><style>p{}</style>b</p>", "ab"],
    ['<p>look <img alt="no" src="x.png"></p>', "look"],
    ["<ul><li>one</li><li>two</li></ul>", "one\ntwo"],
    ["plain < text > without & markup <3", "plain < text > without & markup <3"],
    ["<p>never <b>closed", "never closed"],
    ["<!-- hidden <p>text", ""],
    ["<p>&nbsp; \t\n</p>", ""],
  ];
  for (const [html, text] of cases) assertEquals(htmlToText(html), text, html);
});

Deno.test("htmlToText() gives text that PostgreSQL can hold, whatever comes in", () => {
  assertEquals(htmlToText("<p>a\u0000b\ud83dc&#0;d&#xD800;e</p>"), "a\ufffdb\ufffdc\ufffdd\ufffde");
  const html = fc.array(
    fc.oneof(
      fc.constantFrom("<", ">", "<p>", "</p>", "<br>", "<a href=", '"', "&", "&#", "&#0;", "<!--"),
      anyText(),
    ),
    { maxLength: 30 },
  ).map((parts) => parts.join(""));
  fc.assert(
    fc.property(html, (source) => {
      const text = htmlToText(source);
      assert(text.isWellFormed());
      assertFalse(text.includes("\u0000"));
      assertEquals(text, text.trim());
    }),
    { numRuns: 1000 },
  );
});

Deno.test("htmlToText() keeps the text of a flood of tags, and only the text", () => {
  // Parsed as nested tags, a payload like this one took half a minute.
  const text = htmlToText(`${"<b>".repeat(150_000)}here&amp;now${"</i>".repeat(10_000)} <p`);
  assertEquals(text.replace(/\s+/g, " "), "here&now p");
  assertEquals(htmlToText("<".repeat(900_000)), "");
});

Deno.test("cleanText() and cleanJson() replace NUL and lone surrogates and nothing else", () => {
  const fine = "\u0001\u001f\ufeff\uffff🐘e\u0301";
  assertEquals(cleanText(fine), fine);
  assertEquals(cleanText("\ud83d\u0000\udc18"), "\ufffd\ufffd\ufffd");
  assertEquals(
    cleanJson({ "a\u0000": ["\ud800", 1, null, true, { b: "ok" }] }),
    { "a\ufffd": ["\ufffd", 1, null, true, { b: "ok" }] },
  );
});

Deno.test("cleanJson() takes __proto__ for a key like any other", () => {
  const cleaned = cleanJson(JSON.parse('{"__proto__":{"polluted":"\\u0000"},"constructor":1}'));
  assertEquals(JSON.stringify(cleaned), '{"__proto__":{"polluted":"\ufffd"},"constructor":1}');
  assertFalse("polluted" in {});
});

Deno.test("codePoints() and utf8Length() agree with the platform", () => {
  fc.assert(
    fc.property(anyText(), (text) => {
      assertEquals(codePoints(text), [...text].length);
      assertEquals(utf8Length(cleanText(text)), new TextEncoder().encode(cleanText(text)).length);
    }),
    { numRuns: 1000 },
  );
  assertEquals(codePoints("\ud83d"), 1);
  assertEquals(codePoints("\udc18\ud83d"), 2);
});

Deno.test("isTooDeep() sees depth, not size", () => {
  assertFalse(isTooDeep(Array.from({ length: 100_000 }, (_, i) => ({ i }))));
  assertFalse(isTooDeep(nested(64)));
  assert(isTooDeep(nested(65)));
  assert(isTooDeep(nested(200_000)));
});

function nested(depth: number): unknown {
  return JSON.parse("[".repeat(depth) + "]".repeat(depth));
}
