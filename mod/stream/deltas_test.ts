import { assertEquals } from "@std/assert";
import { WindowDeltas } from "./deltas.ts";

const toot = { createdMs: 61_000, lang: "en", accountId: "ann", length: 5, score: null };
const score = { lang: "en", probability: 0.123457, label: "negative" } as const;

Deno.test("WindowDeltas keeps languages, authors and windows apart", () => {
  const deltas = new WindowDeltas(60_000);
  deltas.add(toot, 1);
  deltas.add({ ...toot, lang: "de", length: 7 }, 1);
  deltas.add({ ...toot, createdMs: 120_000, accountId: "bo" }, 1);
  assertEquals(
    deltas.byLang,
    new Map([
      [60_000, new Map([["en", { toots: 1, length: 5 }], ["de", { toots: 1, length: 7 }]])],
      [120_000, new Map([["en", { toots: 1, length: 5 }]])],
    ]),
  );
  assertEquals(
    deltas.byAuthor,
    new Map([
      [60_000, new Map([["ann", { toots: 2, length: 12 }]])],
      [120_000, new Map([["bo", { toots: 1, length: 5 }]])],
    ]),
  );
  assertEquals(deltas.sentiment.size, 0);
});

Deno.test("what WindowDeltas adds and takes away leaves zero, to the last millionth", () => {
  const deltas = new WindowDeltas(60_000);
  for (let i = 0; i < 1000; i++) {
    deltas.add({ ...toot, score: { ...score, probability: i / 1000 } }, 1);
  }
  for (let i = 0; i < 1000; i++) {
    deltas.add({ ...toot, score: { ...score, probability: i / 1000 } }, -1);
  }
  assertEquals(deltas.byLang.get(60_000)?.get("en"), { toots: 0, length: 0 });
  assertEquals(deltas.sentiment.get(60_000)?.get("en"), {
    scored: 0,
    positive: 0,
    negative: 0,
    neutral: 0,
    probMicro: 0,
  });
});

Deno.test("WindowDeltas counts a prediction under the language that it was made in", () => {
  const deltas = new WindowDeltas(60_000);
  deltas.add({ ...toot, lang: "en-gb", score }, 1);
  deltas.addScore(61_000, { score: { ...score, label: "neutral" }, sign: -1 });
  assertEquals([...deltas.byLang.get(60_000)?.keys() ?? []], ["en-gb"]);
  assertEquals(deltas.sentiment.get(60_000)?.get("en"), {
    scored: 0,
    positive: 0,
    negative: 1,
    neutral: -1,
    probMicro: 0,
  });
});
