import { assertEquals, assertRejects } from "@std/assert";
import { parseConfig } from "../config/config.ts";
import { ConfigError } from "../config/config.ts";
import { ingestSources } from "./sources.ts";

const streams = [{ kind: "public" }] as const;

function sources(env: Record<string, string>, file = "") {
  return ingestSources(parseConfig(env), { readFile: () => Promise.resolve(file) });
}

Deno.test("ingestSources() pairs servers with tokens in order", async () => {
  assertEquals(
    await sources({
      MASTODON_BASE_URL: "https://a.example, https://b.example/,https://c.example",
      MASTODON_ACCESS_TOKEN: "one,,three",
    }),
    [
      { baseUrl: "https://a.example", token: "one", streams },
      { baseUrl: "https://b.example", token: null, streams },
      { baseUrl: "https://c.example", token: "three", streams },
    ],
  );
  assertEquals(await sources({ MASTODON_BASE_URL: "https://a.example" }), [
    { baseUrl: "https://a.example", token: null, streams },
  ]);
});

Deno.test("ingestSources() follows several streams of each server", async () => {
  const [source] = await sources({
    MASTODON_BASE_URL: "https://a.example",
    MASTODON_STREAM: "public/local,hashtag:cats,public/local",
  });
  assertEquals(source?.streams, [{ kind: "public/local" }, { kind: "hashtag", tag: "cats" }]);
});

Deno.test("ingestSources() reads a file instead", async () => {
  const file = JSON.stringify([
    { url: "https://a.example", token: "one", streams: ["hashtag:cats"] },
    { url: "https://b.example" },
  ]);
  assertEquals(await sources({ MASTODON_CONFIG: "servers.json" }, file), [
    { baseUrl: "https://a.example", token: "one", streams: [{ kind: "hashtag", tag: "cats" }] },
    { baseUrl: "https://b.example", token: null, streams },
  ]);
});

Deno.test("ingestSources() says what does not fit, and never shows a token", async () => {
  const cases: [env: Record<string, string>, file: string, message: string][] = [
    [{}, "", "MASTODON_BASE_URL is not set"],
    [
      { MASTODON_BASE_URL: "https://a.example", MASTODON_ACCESS_TOKEN: "s3cret,s3cret2" },
      "",
      "MASTODON_ACCESS_TOKEN holds 2 tokens: it should hold one for each of the 1 servers",
    ],
    [
      { MASTODON_CONFIG: "f" },
      '{"token": "s3cret"',
      'MASTODON_CONFIG names "f", which is not JSON',
    ],
    [{ MASTODON_CONFIG: "f" }, "[]", 'MASTODON_CONFIG names "f", which is wrong at its top'],
    [
      { MASTODON_CONFIG: "f" },
      '[{"url":"https://a.example","token":"s3cret here"}]',
      'MASTODON_CONFIG names "f", which is wrong at 0.token',
    ],
    [
      { MASTODON_CONFIG: "f" },
      '[{"url":"https://a.example"},{"url":"https://a.example/"}]',
      'MASTODON_CONFIG names "f", which names a server twice',
    ],
  ];
  for (const [env, file, message] of cases) {
    const error = await assertRejects(() => sources(env, file), ConfigError, message);
    assertEquals(error.message.includes("s3cret"), false, error.message);
  }
});
