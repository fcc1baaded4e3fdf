import { assertEquals } from "@std/assert";
import { ClassicVectorizer, storedWordTools } from "./classic_vectorizer.ts";

const TOOLS = storedWordTools({ gaps: "\\W+", stopWords: ["the", "is"] });

Deno.test("words land in Spark's buckets", () => {
  const vectorizer = new ClassicVectorizer(TOOLS, 18);
  vectorizer.read("The Spark!");
  // murmur3 of "spark" (UTF-8), seed 42, modulo 2^18, by scikit-learn's murmurhash3_32
  assertEquals([...vectorizer.buckets.subarray(0, vectorizer.size)], [173558]);
});

Deno.test("counts, stop words, names", () => {
  const vectorizer = new ClassicVectorizer(TOOLS, 18);
  vectorizer.read("Is the dog a dog? DOG cat");
  assertEquals(vectorizer.tokens(), ["dog", "a", "dog", "dog", "cat"]);
  assertEquals([...vectorizer.counts.subarray(0, vectorizer.size)], [3, 1, 1]);
  assertEquals(vectorizer.describe(2), { kind: "word", text: "cat", tokens: [4, 5] });
  vectorizer.read("dog ".repeat(100_000));
  assertEquals([vectorizer.size, vectorizer.counts[0]], [1, 255]);
  vectorizer.read("");
  assertEquals(vectorizer.size, 0);
});
