import { assertEquals } from "@std/assert";
import { type ConsentSignals, mayCollect } from "./consent.ts";

const plain: ConsentSignals = { note: "<p>Gardener</p>", noindex: false, indexable: false };

Deno.test("mayCollect() honours every tag by which a bio opts out", () => {
  const notes = [
    "<p>Hi #nobot</p>",
    "#NoBots please",
    "<p>#noindex</p>",
    "<p>#NOSEARCH, thanks</p>",
    '<p><a href="https://a.example/tags/nobot" rel="tag">#<span>nobot</span></a></p>',
    "<p>&#35;nobot</p>",
    "<p>&#x23;nobot &num;noindex</p>",
    "<p>\uff03nobot</p>",
    "a#nobot",
    "<p>broken <a #nobot",
  ];
  for (const note of notes) {
    assertEquals(mayCollect({ ...plain, note }, "respect"), false, note);
    assertEquals(mayCollect({ ...plain, note, indexable: true }, "strict"), false, note);
  }
});

Deno.test("mayCollect() takes no other words for an opt-out", () => {
  const notes = [
    "",
    "<p>nobot</p>",
    "#nobotany",
    "#noindexing",
    "#nobot_fan",
    "# nobot",
    "no #bot",
  ];
  for (const note of notes) assertEquals(mayCollect({ ...plain, note }, "respect"), true, note);
});

Deno.test("mayCollect() asks for an opt-in only when strict, and noindex always counts", () => {
  assertEquals(mayCollect(plain, "respect"), true);
  assertEquals(mayCollect(plain, "strict"), false);
  assertEquals(mayCollect({ ...plain, indexable: true }, "strict"), true);
  assertEquals(mayCollect({ ...plain, noindex: true, indexable: true }, "respect"), false);
});

Deno.test("mayCollect() reads a hostile bio in linear time", () => {
  // A pattern that may run over the next "<" takes minutes for these.
  for (const part of ["<", "<a ", "&#", "</span "]) {
    const note = part.repeat(900_000 / part.length);
    assertEquals(mayCollect({ ...plain, note }, "respect"), true);
    assertEquals(mayCollect({ ...plain, note: `${note}> #nobot` }, "respect"), false);
  }
});
