/**
 * The configuration's rules in the shape that the rooms take them.
 *
 * @module
 */
import type { Config } from "../config/config.ts";
import type { Sql } from "../db/database.ts";
import type { NormalizeRules } from "../mastodon/normalize.ts";
import { hmacPseudonyms, keyFromFile } from "../mastodon/pseudonym.ts";
import { findModel, threadedScorer } from "../sentiment/mod.ts";
import { registerModel, type ScoringRules, type TootScorer, tootScorer } from "../stream/mod.ts";

/** How statuses become toots, all but the instance's name. Makes the pseudonyms' key if need be. */
export async function normalizeRules(config: Config): Promise<Omit<NormalizeRules, "instance">> {
  const { AUTHOR_IDS, PSEUDONYM_KEY, DATA_DIR } = config;
  const rules = { consent: config.CONSENT, keepRaw: config.KEEP_RAW };
  if (AUTHOR_IDS === "plain") return { ...rules, pseudonym: null };
  if (PSEUDONYM_KEY !== null) return { ...rules, pseudonym: hmacPseudonyms(PSEUDONYM_KEY) };
  await Deno.mkdir(DATA_DIR, { recursive: true });
  return { ...rules, pseudonym: hmacPseudonyms(await keyFromFile(`${DATA_DIR}/pseudonym.key`)) };
}

/** The model with the rules of what it scores, noted in the database's registry. */
export async function openScorer(config: Config, db: Sql): Promise<TootScorer> {
  const { model, metadata } = await findModel({ modelDir: config.MODEL_DIR });
  await registerModel(db, metadata);
  return tootScorer(model, scoringRules(config));
}

/** The same with a thread of its own, where the machine has a second core for it. */
export async function openThreadedScorer(
  config: Config,
  db: Sql,
): Promise<{ readonly scorer: TootScorer } & Disposable> {
  const { model, metadata } = await findModel({ modelDir: config.MODEL_DIR });
  await registerModel(db, metadata);
  const rules = scoringRules(config);
  if (navigator.hardwareConcurrency < 2) {
    return { scorer: tootScorer(model, rules), [Symbol.dispose]() {} };
  }
  const threaded = await threadedScorer(model, { modelDir: config.MODEL_DIR });
  return {
    scorer: tootScorer(threaded, rules),
    [Symbol.dispose]: () => threaded[Symbol.dispose](),
  };
}

function scoringRules(config: Config): ScoringRules {
  return {
    languages: config.SENTIMENT_LANGS,
    thresholds: { low: config.NEUTRAL_LOW, high: config.NEUTRAL_HIGH },
  };
}
