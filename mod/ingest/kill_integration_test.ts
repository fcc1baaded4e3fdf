import { assert, assertEquals, assertGreater } from "@std/assert";
import { openEmbedded } from "../db/embedded.ts";
import { embeddedLog } from "../log/embedded_log.ts";
import { generatorSource, startSimulator } from "../mastodon/simulator/mod.ts";
import { freePort } from "../testing/free_port.ts";
import { startTask } from "../testing/process.ts";
import { waitUntil } from "../testing/wait_until.ts";
import { audit, TimedSource } from "./_rig.ts";
import { readGaps } from "./ingest_store.ts";
import { readTail } from "./log_tail.ts";

const TOKEN = "s3cret-Token-of-the-test-0123456789";

/** Whether a secret stands in any file of a folder. */
async function foundIn(folder: string, secret: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await foundIn(path, secret));
    else if (new TextDecoder("latin1").decode(await Deno.readFile(path)).includes(secret)) {
      found.push(path);
    }
  }
  return found;
}

Deno.test("kill -9, again and again, loses and doubles nothing, and no token is left anywhere", async () => {
  const source = new TimedSource(generatorSource({ seed: 3, events: 8000, rates: { late: 0 } }));
  await using sim = await startSimulator({
    source,
    token: TOKEN,
    pace: { rate: 400 },
    whileAway: "continue",
    rateLimit: { limit: 100_000, periodMs: 300_000 },
    faults: [{ at: 600, fault: { kind: "error" } }, { at: 7000, fault: { kind: "cut" } }],
  });
  const dataDir = `data/ingest-test-${crypto.randomUUID()}`;
  const metricsPort = freePort();
  const env = {
    MASTODON_BASE_URL: sim.url,
    MASTODON_ACCESS_TOKEN: TOKEN,
    DATA_DIR: dataDir,
    METRICS_PORT: String(metricsPort),
    AUTHOR_IDS: "plain",
    GAP_OVERLAP_S: "600",
    LOG_LEVEL: "debug",
  };
  let output = "";
  const start = () => startTask("ingest", [], { env });
  try {
    let kills = 0;
    for (const at of [700, 2500, 4300, 6100]) {
      await using ingest = await start();
      await ingest.waitForLine(/Connected to/);
      await waitUntil(() => sim.played >= at, { what: `frame ${at}`, timeoutMs: 60_000 });
      await ingest.kill9();
      kills++;
      output += ingest.output;
    }
    await using last = await start();
    await sim.finished;
    const ready = async () => {
      const answer = await fetch(`http://127.0.0.1:${metricsPort}/metrics`).catch(() => null);
      const page = await answer?.text() ?? "";
      output += page;
      return /^pulse_ingest_caught_up.* 1$/m.test(page) &&
        page.includes("pulse_ingest_queue_entries 0");
    };
    await waitUntil(ready, { what: "an empty queue", timeoutMs: 30_000, intervalMs: 500 });
    // What the socket still holds comes within a second.
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const end = await last.interrupt();
    output += last.output;
    assertEquals(end.code, 0, last.output);
    assertEquals(kills, 4);

    await using db = await openEmbedded(`${dataDir}/pg`);
    const log = embeddedLog(db);
    const records = await readTail(log, { topic: "mastodon_stream", perPartition: 1e6 });
    const gaps = await readGaps(db, { limit: 1000 });
    assertGreater(records.length, 5000);
    const { missingToots } = await audit(
      { log: { records: () => records }, gaps: () => Promise.resolve(gaps) },
      { sim, source },
    );
    assertEquals(missingToots, 0);
    assertGreater(gaps.length, 0);

    const errors = await readTail(log, { topic: "mastodon_errors", perPartition: 1e6 });
    const texts = [...records, ...errors].map(({ value, headers }) =>
      new TextDecoder().decode(value) + JSON.stringify(headers)
    );
    assert(!texts.some((text) => text.includes(TOKEN)), "the token is in a topic");
    assert(!output.includes(TOKEN), "the token is in what ingest says");
    assertGreater(output.length, 5000);
    assertEquals(await foundIn(dataDir, TOKEN), [], "the token is in a file");
    assertEquals(sim.tokensInUrls, 0);
  } finally {
    await Deno.remove(dataDir, { recursive: true }).catch(() => {});
  }
});
