import { assert, assertEquals, assertFalse, assertRejects, assertThrows } from "@std/assert";
import { ConfigError, loadConfig, parseConfig, required } from "./config.ts";

/** The one line that an environment stops a job with. */
function complaint(env: Record<string, string>): string {
  const { message } = assertThrows(() => parseConfig(env), ConfigError);
  assertFalse(message.includes("\n"), message);
  assertFalse(message.endsWith("."), message);
  return message;
}

Deno.test("an empty environment is enough, and empty values count as unset", () => {
  const config = parseConfig({});
  assertEquals(config.PG_URL, null);
  assertEquals(config.KAFKA_BROKERS, null);
  assertEquals([config.WINDOW_S, config.WINDOW_GRACE_S, config.IDLE_TIMEOUT_S], [60, 30, 60]);
  assertEquals([config.NEUTRAL_LOW, config.NEUTRAL_HIGH, config.KEEP_RAW], [0.45, 0.55, false]);
  assertEquals(config.SENTIMENT_LANGS, ["en"]);
  assertEquals(parseConfig({ WINDOW_S: "", KAFKA_BROKERS: "  ", PG_URL: "" }), config);
});

Deno.test("values are trimmed and typed", () => {
  const config = parseConfig({
    WINDOW_S: " 120 ",
    KAFKA_BROKERS: "a:9092, b:9093",
    KAFKA_SSL: "true",
    SENTIMENT_LANGS: "en,de",
    NEUTRAL_LOW: "0.4",
    AUTHOR_IDS: "plain",
    KEEP_RAW: "true",
  });
  assertEquals(config.WINDOW_S, 120);
  assertEquals(config.KAFKA_BROKERS, ["a:9092", "b:9093"]);
  assertEquals([config.KAFKA_SSL, config.KEEP_RAW, config.NEUTRAL_LOW], [true, true, 0.4]);
  assertEquals(config.SENTIMENT_LANGS, ["en", "de"]);
});

Deno.test("each bad value stops the job with one line: variable, value, what it should be", () => {
  const cases: readonly [name: string, values: readonly string[], should: string][] = [
    [
      "WINDOW_S",
      ["0", "-1", "1.5", "60s", "86401", "1e3", "0x10", "9".repeat(30)],
      "a whole number",
    ],
    ["WINDOW_GRACE_S", ["-1", "x"], "a whole number from 0 to 86400"],
    ["KAFKA_PARTITIONS", ["0", "1001"], "a whole number from 1 to 1000"],
    ["NEUTRAL_LOW", ["1.1", "-0.1", "half", ".5", "1e-1"], "a number from 0 to 1"],
    ["KAFKA_SSL", ["yes", "TRUE", "1"], "true or false"],
    ["KAFKA_TOPIC", ["a b", "topic/x", "x".repeat(250), "tópico"], "a topic name"],
    ["MASTODON_BASE_URL", [
      "fosstodon.org",
      "ftp://a.example",
      "https://a.example/path",
      "https://",
      "javascript:alert(1)",
    ], "the address of a Mastodon server"],
    ["MASTODON_STREAM", ["user", "hashtag:", "hashtag:a b", "Public"], "public, public/local"],
    [
      "KAFKA_BROKERS",
      ["broker", "a:b", ":9092", "http://a:9092", "a:9092,", "a:99999", "a:0"],
      "host:port",
    ],
    ["KAFKA_SASL_MECHANISM", ["PLAIN", "oauth"], "plain, scram-sha-256 or scram-sha-512"],
    ["SENTIMENT_LANGS", ["english", "EN", "en,,de"], "language codes"],
    ["CONSENT", ["ignore"], "respect or strict"],
    ["AUTHOR_IDS", ["none"], "hmac or plain"],
    ["RETENTION_DAYS", ["0"], "a whole number from 1 to 36500"],
    ["LOG_LEVEL", ["trace"], "debug, info, warning or error"],
  ];
  for (const [name, values, should] of cases) {
    for (const value of values) {
      const message = complaint({ [name]: value });
      assert(message.startsWith(`${name} holds ${JSON.stringify(value)}: it should be`), message);
      assert(message.includes(should), message);
    }
  }
  const message = complaint({ KAFKA_TOPIC: "two\nlines" });
  assert(message.startsWith('KAFKA_TOPIC holds "two\\nlines": it should be'), message);
});

Deno.test("no complaint shows a secret", () => {
  const secret = "hunter2";
  const environments: readonly Record<string, string>[] = [
    { PG_URL: `mysql://u:${secret}@db/x` },
    { PG_URL: `postgresql://u:${secret}@db` },
    { PSEUDONYM_KEY: secret },
    { PSEUDONYM_KEY: secret, WINDOW_S: "0" },
    { MASTODON_BASE_URL: `https://u:${secret}@a.example` },
    { MASTODON_BASE_URL: `https://a.example/?access_token=${secret}` },
    { MASTODON_BASE_URL: `https://a.example, https://u:${secret}@b.example` },
    { KAFKA_BROKERS: `SASL_SSL://u:${secret}@broker:9092` },
    { KAFKA_SASL_PASSWORD: secret },
  ];
  for (const env of environments) assertFalse(complaint(env).includes(secret), complaint(env));
  assert(
    complaint({ PG_URL: "db" }).startsWith("PG_URL holds a secret value: it should be postgres"),
  );
});

Deno.test("values that contradict each other are told apart", () => {
  assertEquals(
    complaint({ NEUTRAL_LOW: "0.6" }),
    "NEUTRAL_LOW holds 0.6: it should be at most NEUTRAL_HIGH, which is 0.55",
  );
  assertEquals(
    complaint({ KEEP_RAW: "true" }),
    'KEEP_RAW holds "true": it should be false unless AUTHOR_IDS is plain',
  );
  assertEquals(
    complaint({ KAFKA_TOPIC: "x", KAFKA_ERROR_TOPIC: "x" }),
    'KAFKA_ERROR_TOPIC holds "x": it should differ from KAFKA_TOPIC',
  );
  const sasl = {
    KAFKA_SASL_MECHANISM: "plain",
    KAFKA_SASL_USERNAME: "u",
    KAFKA_SASL_PASSWORD: "p",
  };
  assertEquals(parseConfig(sasl).KAFKA_SASL_MECHANISM, "plain");
  for (const name of Object.keys(sasl)) {
    assertEquals(
      complaint({ ...sasl, [name]: "" }),
      `${name} is not set: it should be, because other KAFKA_SASL_ settings are`,
    );
  }
});

Deno.test("PG_USER and PG_PASS fill what PG_URL leaves out", () => {
  const url = "jdbc:postgresql://db/airflow";
  assertEquals(
    complaint({ PG_URL: url }),
    "PG_USER is not set: it should be, because PG_URL names no user",
  );
  const filled = parseConfig({ PG_URL: url, PG_USER: "airflow", PG_PASS: "pw" }).PG_URL;
  assertEquals([filled?.user, filled?.password], ["airflow", "pw"]);
  const own = parseConfig({ PG_URL: "postgresql://a:b@db/x", PG_USER: "c", PG_PASS: "d" }).PG_URL;
  assertEquals([own?.user, own?.password], ["a", "b"]);
  const half = parseConfig({ PG_URL: "postgresql://a@db/x", PG_PASS: "d" }).PG_URL;
  assertEquals([half?.user, half?.password], ["a", "d"]);
});

Deno.test("required() names what is missing and what it should be", () => {
  const config = parseConfig({ DATA_PATH: "x.csv" });
  assertEquals(required(config, "DATA_PATH"), "x.csv");
  const { message } = assertThrows(() => required(config, "KAFKA_BROKERS"), ConfigError);
  assertEquals(
    message,
    "KAFKA_BROKERS is not set: it should be host:port, or several separated by commas",
  );
});

Deno.test("loadConfig() reads .env, which the environment overrides, which flags override", async () => {
  const folder = await Deno.makeTempDir();
  const name = "WINDOW_GRACE_S";
  const before = Deno.env.get(name);
  try {
    const envPath = `${folder}/.env`;
    await Deno.writeTextFile(
      envPath,
      '# comment\nWINDOW_GRACE_S="1"\nKAFKA_TOPIC=from_file\nOTHER=x\n',
    );
    Deno.env.delete(name);
    assertEquals((await loadConfig({ envPath })).WINDOW_GRACE_S, 1);
    Deno.env.set(name, "2");
    assertEquals((await loadConfig({ envPath })).WINDOW_GRACE_S, 2);
    const config = await loadConfig({ envPath, overrides: { [name]: "3" } });
    assertEquals([config.WINDOW_GRACE_S, config.KAFKA_TOPIC], [3, "from_file"]);
    assertEquals((await loadConfig({ envPath: `${folder}/none` })).WINDOW_GRACE_S, 2);
    await Deno.writeTextFile(envPath, "WINDOW_S=never\n");
    await assertRejects(() => loadConfig({ envPath }), ConfigError, 'WINDOW_S holds "never"');
  } finally {
    if (before === undefined) Deno.env.delete(name);
    else Deno.env.set(name, before);
    await Deno.remove(folder, { recursive: true });
  }
});
