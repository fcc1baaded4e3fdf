import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { BEST } from "./presets.ts";
import { MAX_TEXT_UNITS, Tokenizer, type TokenizerOptions } from "./tokenizer.ts";

function words(text: string, options: Partial<TokenizerOptions> = {}): string[] {
  const tokenizer = new Tokenizer({ ...BEST.features, ...options });
  tokenizer.read(text);
  return tokenizer.words();
}

Deno.test("emoticons, emoji and punctuation are tokens", () => {
  assertEquals(words("good :) :D :-P <3 ;-( =/ xD !!!!!"), [
    "good",
    ":)",
    ":d",
    ":-p",
    "<3",
    ";-(",
    "=/",
    "xd",
    "!!!",
  ]);
  assertEquals(words("😀😀😀 ❤️ ok"), ["😀", "😀", "❤", "ok"]);
  assertEquals(words("note:draft"), ["note", ":", "draft"]);
});

Deno.test("links, mentions and hashtags", () => {
  const text = "@ann@host.example see https://x.example/a?b=c, www.y.example #Big_News now";
  assertEquals(words(text), ["@user", "see", "<url>", "<url>", "big_news", "now"]);
  assertEquals(words("#a b", { hashtags: "mask" }), ["#tag", "b"]);
  assertEquals(words("#a b", { hashtags: "keep" }), ["#", "a", "b"]);
});

Deno.test("apostrophes, entities, elongation and digits", () => {
  assertEquals(words("Don’t 'say' &lt;3 &amp;amp; cooool 2024"), [
    "don't",
    "'",
    "say",
    "'",
    "<3",
    "&",
    "cool",
    "00",
  ]);
  assertEquals(words("cooool 2024", { elongation: 0, maskDigits: false }), ["cooool", "2024"]);
});

Deno.test("a negation marks what follows, up to punctuation or the end of its scope", () => {
  const tokenizer = new Tokenizer({ ...BEST.features, negationScope: 3 });
  const marked = (text: string): string[] => {
    tokenizer.read(text);
    return tokenizer.words().filter((_, i) => tokenizer.negated[i] === 1);
  };
  assertEquals(marked("I did not like the new film"), ["like", "the", "new"]);
  assertEquals(marked("not good. really"), ["good", "."]);
  assertEquals(marked("isn't it"), ["it"]);
  assertEquals(marked("knot it"), []);
});

Deno.test("any text: tokens lie in the buffer, in order, with a space before and after", () => {
  const tokenizer = new Tokenizer(BEST.features);
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
    tokenizer.read(text);
    let at = 0;
    for (let i = 0; i < tokenizer.count; i++) {
      const [start, end] = [tokenizer.starts[i] ?? -1, tokenizer.ends[i] ?? -1];
      assertEquals(start, at + 1);
      assert(end > start);
      assertEquals(tokenizer.units[start - 1], 32);
      assertEquals(tokenizer.units[end], 32);
      at = end;
    }
  }));
});

Deno.test("what lies beyond the limit is not read", () => {
  const tokenizer = new Tokenizer(BEST.features);
  tokenizer.read("a ".repeat(MAX_TEXT_UNITS));
  assertEquals(tokenizer.count, MAX_TEXT_UNITS / 2);
  tokenizer.read("!".repeat(5_000_000));
  assertEquals(tokenizer.words(), ["!!!"]);
  tokenizer.read("İ".repeat(MAX_TEXT_UNITS)); // longer in lower case
  assertEquals(tokenizer.count, 1);
});
