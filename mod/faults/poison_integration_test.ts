import { assertEquals, assertGreater } from "@std/assert";
import { tootRecords } from "../bench/toot_records.ts";
import { readDeadLetters, type StoredDeadLetter } from "../log/dead_letter_reader.ts";
import type { NewRecord } from "../log/event_log.ts";
import { decodeEvent, encodeEvent } from "../mastodon/wire.ts";
import { startTask } from "../testing/mod.ts";
import { oneShot } from "./_batch.ts";
import { readLog } from "./_recount.ts";
import { appendAll, type Rig, startRig, type Topics } from "./_rig.ts";
import { assertSameTables, dump } from "./_tables.ts";

const MALFORMED = "Malformed JSON";
const AHEAD = "Dated more than 5 minutes after its arrival";
/** So many toots come from a server whose clock is too far ahead, by this much, in ms. */
const FAST_CLOCKS = 40;
const TOO_MUCH_MS = 15_000;

Deno.test("poison arrives among the dead letters with its reason; replayed when mended, it counts", async () => {
  await using rig = await startRig();
  const topics = await rig.makeTopics(4);
  const place = await rig.makePlace();
  const env = { ...rig.env(place, topics), LOG_LEVEL: "warning" };
  const run = async (task: string, ...args: string[]) => {
    await using job = await startTask(task, args, { env });
    assertEquals((await job.end()).code, 0, job.output);
    return job.lines;
  };
  await appendAll(rig.log, {
    topic: topics.topic,
    records: tootRecords({ count: 20_000, poison: 0.01 }),
  });
  const rightAt = Date.now() + TOO_MUCH_MS;
  await appendAll(rig.log, { topic: topics.topic, records: fastClocks(rightAt + 5 * 60_000) });

  await run("stream", "--once", "--no-sentiment");
  const poison = await poisonOf(rig, topics);
  assertEquals(reasonsOf(poison).get(AHEAD), FAST_CLOCKS);
  assertGreater(poison.length, 20_000 * 0.005 + FAST_CLOCKS);
  const letters = await lettersOf(rig, topics);
  assertEquals(letters.map(identity), poison);
  assertEquals(letters.map(({ attempt }) => attempt), letters.map(() => 1));
  const listed = await run("errors", "--json", "--limit", "100000");
  assertEquals(listed.filter((line) => line.startsWith("{")).length, letters.length);
  assertSameTables(await dump(place.db), await oneShot(rig, { topics, scorer: null }), {
    what: "With poison",
  });

  // Time mends the clocks; nothing mends what is no JSON.
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, rightAt - Date.now() + 1000)));
  const replay = await run("errors", "--replay");
  assertEquals(replay.includes(`Fed again: ${letters.length}`), true, replay.join("\n"));
  await run("stream", "--once", "--no-sentiment");
  const found = await place.db.query(
    "SELECT count(*)::int AS n FROM masto.toots_raw WHERE instance = 'fast.example'",
  );
  assertEquals(found, [{ n: FAST_CLOCKS }]);
  const again = (await lettersOf(rig, topics)).filter(({ attempt }) => attempt === 2);
  assertEquals(
    reasonsOf(again.map(identity)),
    new Map([[MALFORMED, poison.length - FAST_CLOCKS]]),
  );
  assertSameTables(await dump(place.db), await oneShot(rig, { topics, scorer: null }), {
    what: "After the replay",
  });
});

function fastClocks(createdMs: number): NewRecord[] {
  const [sample] = tootRecords({ count: 1 });
  const event = decodeEvent(new TextEncoder().encode(String(sample?.value)));
  if (!("toot" in event)) throw new Error("The sample brings no toot");
  return Array.from({ length: FAST_CLOCKS }, (_, i) => {
    const id = String(i + 1);
    const toot = {
      ...event.toot,
      uri: `https://fast.example/${id}`,
      created_at: new Date(createdMs).toISOString(),
    };
    return { key: id, value: encodeEvent({ ...event, instance: "fast.example", id, toot }) };
  });
}

/** A refused record as one text: where it stands, why, and what it holds. */
function identity({ source, reason, payload }: StoredDeadLetter): string {
  return line(`${source?.partition}:${source?.offset}`, { reason, payload });
}

function line(place: string, { reason, payload }: { reason: string; payload: Uint8Array }): string {
  return `${place} ${reason} | ${new TextDecoder().decode(payload)}`;
}

/** What of the log is poison, by looking at each record on its own. */
async function poisonOf(rig: Rig, { topic }: Topics): Promise<string[]> {
  return (await readLog(rig.log, topic)).flatMap((records, partition) =>
    records.flatMap(({ offset, value, timestamp }) => {
      const text = new TextDecoder().decode(value);
      const created = /"created_at":"([^"]+)"/.exec(text)?.[1];
      const reason = !text.endsWith("}}")
        ? MALFORMED
        : Date.parse(created ?? "") > timestamp + 5 * 60_000
        ? AHEAD
        : null;
      const place = `${partition}:${offset}`;
      return reason === null ? [] : [line(place, { reason, payload: value })];
    })
  ).sort();
}

function reasonsOf(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of lines) {
    const reason = / (.*?) \| /.exec(text)?.[1] ?? "";
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return counts;
}

async function lettersOf(rig: Rig, { errorTopic }: Topics): Promise<StoredDeadLetter[]> {
  const letters: StoredDeadLetter[] = [];
  for await (const letter of readDeadLetters(rig.log, errorTopic, { order: "oldest" })) {
    letters.push(letter);
  }
  return letters.sort((a, b) => identity(a) < identity(b) ? -1 : 1);
}
