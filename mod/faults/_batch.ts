/**
 * What the tables must come to: the whole log worked through at once on an empty database, held to a
 * recount in plain code.
 *
 * @module
 */
import type { Database } from "../db/database.ts";
import { runWorker, type TootScorer } from "../stream/mod.ts";
import { readLog, recount } from "./_recount.ts";
import { type Rig, type Topics, uniqueName } from "./_rig.ts";
import { assertSameTables, dump, readFacts, type Tables } from "./_tables.ts";

export const WINDOW_S = 60;
export const GRACE_S = 30;

/** Computes the tables of a topic without any fault, by two ways that must agree. */
export async function oneShot(
  rig: Rig,
  { topics, scorer }: { topics: Topics; scorer: TootScorer | null },
): Promise<Tables> {
  const { db } = await rig.makePlace();
  await drain(db, { rig, topics: { ...topics, errorTopic: await spareTopic(rig) }, scorer });
  const score = (text: string, lang: string) => scorer?.score(text, lang) ?? null;
  const counted = recount(await readLog(rig.log, topics.topic), {
    windowMs: WINDOW_S * 1000,
    graceMs: GRACE_S * 1000,
    score,
  });
  assertSameTables(await readFacts(db), counted, { what: "The one-shot batch from the recount" });
  return await dump(db);
}

/** Works through a topic in this process, up to its present end. */
export async function drain(
  db: Database,
  { rig, topics, scorer, group = uniqueName("batch") }: {
    rig: Rig;
    topics: Topics;
    scorer: TootScorer | null;
    group?: string;
  },
): Promise<void> {
  await runWorker({
    db,
    log: rig.log,
    ...topics,
    group,
    windowS: WINDOW_S,
    graceS: GRACE_S,
    idleTimeoutS: 3600,
    scorer,
    once: true,
    tickMs: 100,
    signal: AbortSignal.timeout(120_000),
  });
}

/** Its dead letters are not to mix with those of the test. */
async function spareTopic(rig: Rig): Promise<string> {
  return (await rig.makeTopics(1)).errorTopic;
}
