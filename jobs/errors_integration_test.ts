import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { deadLetterRecord } from "../mod/log/dead_letter.ts";
import { openKafkaLog } from "../mod/log/kafka_log.ts";
import { startKafka, startPostgres, startTask, tempDir } from "../mod/testing/mod.ts";

const TOPICS = { KAFKA_TOPIC: "toots", KAFKA_ERROR_TOPIC: "bad", KAFKA_PARTITIONS: "3" };

Deno.test("topics and errors on Kafka and PostgreSQL", async (t) => {
  await using kafka = await startKafka();
  await using postgres = await startPostgres();
  await using dir = await tempDir();
  const env = {
    ...TOPICS,
    KAFKA_BROKERS: kafka.bootstrap,
    PG_URL: postgres.url,
    PSEUDONYM_KEY: "0123456789abcdef",
    DATA_DIR: dir.path,
  };
  const run = async (task: string, args: string[] = [], change: Record<string, string> = {}) => {
    await using job = await startTask(task, args, { env: { ...env, ...change } });
    const { code } = await job.end();
    const lines = job.lines.filter((line) => !/experimental feature/.test(line));
    return { code, lines, text: lines.join("\n") };
  };

  await t.step("errors says when topics are missing", async () => {
    const { code, lines } = await run("errors");
    assertEquals([code, lines.length], [1, 1]);
    assertMatch(lines[0] ?? "", /Topic "bad" does not exist.*deno task topics/);
  });

  await t.step("topics makes them once and says what there is", async () => {
    assertEquals(await run("topics").then(({ lines }) => lines), [
      'Created topic "toots" with 3 partitions',
      'Created topic "bad" with 1 partition',
    ]);
    const { code, lines } = await run("topics", [], { KAFKA_PARTITIONS: "5" });
    assertEquals([code, lines[0]], [0, 'Topic "toots" has 3 partitions']);
    assertStringIncludes(lines[1] ?? "", "fewer partitions than the 5");
  });

  await using log = await openKafkaLog({ brokers: [kafka.bootstrap] });
  await log.append(
    "bad",
    ["\x1b]0;owned\x07{", "[]"].map((payload, i) =>
      deadLetterRecord({
        stage: "stream",
        reason: i === 0 ? "Malformed JSON" : "Unknown version",
        payload,
        key: `${i}`,
        source: { topic: "toots", partition: 0, offset: 100 + i },
        firstSeenMs: Date.now(),
      })
    ),
  );

  await t.step("errors lists, filters and escapes", async () => {
    const { code, lines, text } = await run("errors");
    assertEquals([code, lines.length], [0, 4]);
    assertStringIncludes(lines[0] ?? "", "stream  Unknown version  (at toots/0@101)");
    assertEquals(lines[3], "    \\u{1b}]0;owned\\u{7}{");
    assert(!text.includes("\x1b"), "a terminal would obey this");
    const json = await run("errors", ["--json", "--reason", "VERSION", "--since", "1h"]);
    assertEquals(json.lines.map((line) => JSON.parse(line).payload), ["[]"]);
    const none = await run("errors", ["--stage", "ingest"]);
    assertEquals(none.lines, ["No dead letters match"]);
  });

  await t.step("errors --replay feeds each once", async () => {
    const first = await run("errors", ["--replay", "--reason", "json"]);
    assertEquals([first.code, first.lines.includes("Fed again: 1")], [0, true], first.text);
    const second = await run("errors", ["--replay"]);
    assertStringIncludes(second.text, "Fed again: 1");
    assertStringIncludes(second.text, "Fed by a replay before: 1");
    const ends = [...(await log.offsets("toots")).values()].reduce((sum, { end }) => sum + end, 0);
    assertEquals(ends, 2);
    assertStringIncludes((await run("errors")).text, "(at toots/0@101, replayed)");
  });

  await t.step("wrong flags and a wrong broker are one line each", async () => {
    for (const args of [["--stage", "x"], ["--since", "soon"], ["--limit", "0"], ["--again"]]) {
      const { code, lines } = await run("errors", args);
      assertEquals([code, lines.length], [1, 1]);
    }
    const { code, lines } = await run("topics", [], { KAFKA_BROKERS: "127.0.0.1:1" });
    assertEquals([code, lines.length], [1, 1]);
    assertMatch(lines[0] ?? "", /"127.0.0.1:1" does not answer .*correct KAFKA_BROKERS/);
  });
});
