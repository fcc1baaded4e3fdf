import { assertEquals, assertGreater } from "@std/assert";
import { parseConfig } from "../config/config.ts";
import type { Database } from "../db/database.ts";
import { testDatabase } from "../db/_test_database.ts";
import { type IngestCounts, total } from "../ingest/ingest_counts.ts";
import { embeddedLog } from "../log/embedded_log.ts";
import type { EventLog } from "../log/event_log.ts";
import { hmacPseudonyms } from "../mastodon/pseudonym.ts";
import {
  generatorSource,
  Ledger,
  type LedgerCounts,
  type MalformedReason,
} from "../mastodon/simulator/mod.ts";
import { htmlToText } from "../mastodon/text.ts";
import { topicSpecs } from "../ops/engines.ts";
import { labelOf } from "../sentiment/scorer.ts";
import { streamTotals, type TootScorer } from "../stream/mod.ts";
import { play } from "./play.ts";

const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1);
const EVENTS = 700;

const LIMITS = { low: 0.45, high: 0.55 };

/** What the ledger calls each reason of ingest; two reasons share a cause where both do. */
const CAUSES: readonly (readonly [reason: RegExp, cause: readonly MalformedReason[]])[] = [
  [/^Malformed JSON$|^Not a frame/, ["bad_frame", "payload_not_json"]],
  [/^Binary frame$/, ["binary_frame"]],
  [/^Unknown event name$/, ["unknown_event"]],
  [/^Invalid (the whole|account|content|visibility)/, ["not_a_status"]],
  [/^Invalid id/, ["bad_id"]],
  [/^Invalid (created_at|edited_at)/, ["bad_date"]],
  [/^Payload too large$/, ["too_large"]],
];

/** Scores English by its length: what matters here is which toots have a prediction. */
const SCORER: TootScorer = {
  version: "length",
  score: (text, lang) => {
    const probability = (text.length % 100) / 100;
    return lang === "en" ? { lang, probability, label: labelOf(probability, LIMITS) } : null;
  },
};

interface Played {
  readonly ledger: Ledger;
  readonly counts: IngestCounts;
  readonly log: EventLog;
}

/** Plays a seed through the pipeline, and writes its books apart from it. */
async function playSeed(db: Database, seed: number): Promise<Played> {
  const domain = `seed-${seed}.example`;
  const source = generatorSource({
    seed,
    events: EVENTS,
    domain,
    days: 2,
    hugeStatuses: seed <= 3 ? 1 : 0,
    hugeBytes: seed === 1 ? 5 * 1024 * 1024 : 1_100_000,
    // 8 × (7/8)^120 < 1e-6: no partition is without a watermark when the first late toot comes.
    lateAfter: 120,
    // So few events would hold none of the rarest kinds, and not each malformed frame.
    rates: {
      malformed: 0.06,
      hostile: 0.05,
      futureDated: 0.02,
      late: 0.05,
      edits: 0.1,
      deletes: 0.08,
      updatesAfterDelete: 0.02,
      ignored: 0.02,
    },
  });
  const config = parseConfig({ KAFKA_PARTITIONS: String(1 + seed % 5) });
  const log = embeddedLog(db);
  await log.createTopics(topicSpecs(config));
  const counts = await play({
    demo: { source, domain, label: "", frames: EVENTS },
    db,
    log,
    config,
    rules: { consent: "respect", pseudonym: hmacPseudonyms("a key for tests"), keepRaw: false },
    scorer: SCORER,
    signal: new AbortController().signal,
  });
  const ledger = new Ledger();
  for (const frame of source.frames()) ledger.record(frame);
  return { ledger, counts, log };
}

/** Every count that ingest and stream keep, beside what it should be by the ledger. */
async function checkCounts(db: Database, { ledger, counts }: Played): Promise<LedgerCounts> {
  const sent = ledger.counts;
  const totals = await streamTotals(db, "mastodon_stream");
  const skipped = (reason: string) => counts.skipped.get(reason) ?? 0;
  const reported = {
    frames: counts.frames,
    originals: totals.toots,
    late: totals.late,
    duplicates: totals.duplicates,
    edits: totals.edits,
    staleVersions: totals.stale,
    keptOut: totals.afterDelete,
    deletes: totals.deletes,
    deletesOfWhatIsNotHeld: totals.unknown,
    boosts: skipped("boost"),
    notPublic: skipped("not_public"),
    optedOut: skipped("opted_out"),
    ignored: skipped("other_event"),
    errorFrames: counts.serverErrors,
    futureDated: totals.deadLetters,
    malformed: total(counts.refused),
    copies: totals.copies,
  };
  assertEquals(reported, {
    frames: sent.frames,
    originals: sent.originals,
    late: sent.late,
    duplicates: sent.duplicates,
    edits: sent.edits,
    staleVersions: sent.staleVersions,
    keptOut: sent.keptOut,
    deletes: sent.deletes,
    deletesOfWhatIsNotHeld: sent.deletesOfUnknown + sent.repeatedDeletes,
    boosts: sent.boosts,
    notPublic: sent.notPublic,
    optedOut: sent.optedOut,
    ignored: sent.ignored,
    errorFrames: sent.errorFrames,
    futureDated: sent.futureDated,
    malformed: sent.malformedTotal,
    copies: 0,
  });
  return sent;
}

function checkReasons({ ledger, counts }: Played): void {
  const known = new Set<string>();
  for (const [pattern, causes] of CAUSES) {
    const reasons = [...counts.refused].filter(([reason]) => pattern.test(reason));
    for (const [reason] of reasons) known.add(reason);
    assertEquals(
      reasons.reduce((sum, [, n]) => sum + n, 0),
      causes.reduce((sum, cause) => sum + ledger.counts.malformed[cause], 0),
      causes.join(" and "),
    );
  }
  assertEquals([...counts.refused.keys()].filter((reason) => !known.has(reason)), []);
}

/** Each dead letter is kept with its reason: those of ingest, and the future-dated of the stream. */
async function checkDeadLetters({ ledger, counts, log }: Played): Promise<void> {
  const letters = await log.read("mastodon_errors", { partition: 0, from: 0, limit: EVENTS });
  const byStage = (stage: string) => letters.filter(({ headers }) => headers.stage === stage);
  const reasons = Map.groupBy(byStage("ingest"), ({ headers }) => headers.reason ?? "");
  assertEquals(
    new Map([...reasons].map(([reason, list]) => [reason, list.length])),
    counts.refused,
  );
  assertEquals(byStage("stream").length, ledger.counts.futureDated);
  for (const { headers } of byStage("stream")) {
    assertEquals(headers.reason, "Dated more than 5 minutes after its arrival");
  }
}

async function checkTables(db: Database, { ledger }: Played): Promise<void> {
  const rows = await db.query(
    `SELECT r.id, r.created_at, r.edited_at, r.lang, r.content_txt, r.is_late,
            l.id IS NOT NULL AS in_late_events, s.text AS scored
     FROM masto.toots_raw r LEFT JOIN masto.late_events l USING (instance, id)
     LEFT JOIN masto.toots_sentiment s USING (instance, id)
     ORDER BY r.id`,
  );
  const expected = [...ledger.expected.values()].map((toot) => {
    const text = htmlToText(JSON.parse(toot.payload).content);
    return {
      id: toot.id,
      created_at: new Date(toot.createdAt),
      edited_at: toot.editedAt === null ? null : new Date(toot.editedAt),
      lang: toot.language ?? "und",
      content_txt: text,
      is_late: toot.late,
      in_late_events: toot.late,
      scored: toot.language === "en" && text !== "" ? text : null,
    };
  });
  expected.sort((a, b) => BigInt(a.id) < BigInt(b.id) ? -1 : 1);
  assertEquals(rows, expected);
  const tombstones = await db.query("SELECT id FROM masto.tombstones");
  assertEquals(new Set(tombstones.map(({ id }) => id)), new Set(ledger.tombstones));
  assertEquals(tombstones.length, ledger.tombstones.size);
  // What was deleted has left nothing else.
  for (const table of ["toots_raw", "toots_sentiment", "late_events"]) {
    const left = await db.query(
      `SELECT t.id FROM masto.${table} t JOIN masto.tombstones USING (instance, id)`,
    );
    assertEquals(left, [], table);
  }
  assertEquals(await windowSums(db), rows.filter(({ is_late }) => is_late === false).length);
}

async function windowSums(db: Database): Promise<number> {
  const [row] = await db.query(
    "SELECT sum(n_toots)::int AS n FROM masto.toot_metrics_windowed",
  );
  return Number(row?.n ?? 0);
}

Deno.test("the pipeline reports what the ledgers of 20 streams say", async (t) => {
  const seen = new Map<string, number>();
  for (const seed of SEEDS) {
    await t.step(`seed ${seed}`, async () => {
      await using db = await testDatabase();
      const played = await playSeed(db, seed);
      const { malformed, ...counts } = await checkCounts(db, played);
      checkReasons(played);
      await checkDeadLetters(played);
      await checkTables(db, played);
      for (const [name, n] of [...Object.entries(counts), ...Object.entries(malformed)]) {
        seen.set(name, (seen.get(name) ?? 0) + n);
      }
    });
  }
  assertEquals(seen.get("frames"), SEEDS.length * EVENTS);
  for (const [name, n] of seen) {
    // Errors in band come from injected faults alone.
    if (name !== "errorFrames") assertGreater(n, 0, `the streams should hold some ${name}`);
  }
});
