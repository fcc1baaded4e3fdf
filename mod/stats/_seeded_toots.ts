/** Made-up toots for tests, the same for the same seed, and a way to store them. */
import type { Database } from "../db/database.ts";

/** What the analysis reads of a toot. */
export interface SeededToot {
  id: number;
  instance: string;
  createdAt: Date;
  lang: string;
  author: string;
  isBot: boolean;
  text: string;
  hashtags: string[];
  isReply: boolean;
  mediaCount: number;
  boosts: number;
  label: "positive" | "neutral" | "negative" | null;
  /** In millionths. */
  probMicro: number;
}

/** Uniform numbers in [0, 1): mulberry32 by Tommy Ettinger, public domain. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const TAGS = ["fediverse", "caturday", "東京", "العربية", "a-b", "😀", "music", "news", "zebra"];
const LANGS = ["en", "en", "en", "de", "ja", "und", "pt-br"];

/** Settings of {@link seededToots}. */
export interface SeededOptions {
  seed: number;
  n: number;
  nDays: number;
  nAuthors: number;
}

/** Toots over some days by few busy and many quiet authors; later days like later hashtags. */
export function seededToots(options: SeededOptions): SeededToot[] {
  const random = seededRandom(options.seed);
  const below = (n: number) => Math.floor(random() * n);
  const start = Date.UTC(2022, 10, 4, 21, 30);
  return Array.from({ length: options.n }, (_, i) => {
    const age = random();
    const author = below(Math.ceil(options.nAuthors * random() ** 2) || 1);
    const probMicro = below(1_000_001);
    const lang = LANGS[below(LANGS.length)] ?? "und";
    const isScored = lang === "en" && random() < 0.9;
    return {
      id: i + 1,
      instance: random() < 0.97 ? "one.example" : "two.example",
      createdAt: new Date(start + Math.floor(age * options.nDays * 86_400_000)),
      lang,
      author: `author-${author}`,
      isBot: author % 7 === 0,
      text: "né😀".repeat(below(80)),
      hashtags: [...new Set(Array.from({ length: below(5) }, () => tagAt(age, random)))],
      isReply: random() < 0.3,
      mediaCount: random() < 0.2 ? 1 + below(4) : 0,
      boosts: below(10),
      label: !isScored
        ? null
        : probMicro >= 550_000
        ? "positive"
        : probMicro <= 450_000
        ? "negative"
        : "neutral",
      probMicro,
    };
  });
}

function tagAt(age: number, random: () => number): string {
  const place = Math.min(1, random() ** 2 + age * random());
  return TAGS[Math.min(TAGS.length - 1, Math.floor(place * TAGS.length))] ?? "x";
}

/** Stores toots and their sentiment. */
export async function storeToots(db: Database, toots: readonly SeededToot[]): Promise<void> {
  const rows = toots.map((toot) => ({
    ...toot,
    uri: `https://${toot.instance}/${toot.id}`,
    prob: toot.probMicro / 1_000_000,
    reply: toot.isReply ? "1" : null,
  }));
  for (let at = 0; at < rows.length; at += 5000) {
    const json = JSON.stringify(rows.slice(at, at + 5000));
    await db.query(INSERT_TOOTS, [json]);
    await db.query(INSERT_SENTIMENT, [json]);
  }
}

const COLUMNS = `(
  id bigint, instance text, uri text, "createdAt" timestamptz, lang text, author text,
  "isBot" boolean, text text, hashtags text[], reply text, "mediaCount" integer, boosts integer,
  label text, prob double precision
)`;

const INSERT_TOOTS = `
INSERT INTO masto.toots_raw (
  instance, id, uri, created_at, lang, account_id, is_bot, content_txt, hashtags, in_reply_to_id,
  reblogs_count, media_count, ingested_at
)
SELECT instance, id, uri, "createdAt", lang, author, "isBot", text, hashtags, reply, boosts,
  "mediaCount", "createdAt"
FROM jsonb_to_recordset($1::text::jsonb) AS t ${COLUMNS}`;

const INSERT_SENTIMENT = `
INSERT INTO masto.toots_sentiment (
  instance, id, created_at, lang, text, label_bin, prob_pos, label_str, model_version
)
SELECT instance, id, "createdAt" AT TIME ZONE 'UTC', lang, text, (prob >= 0.5)::integer, prob,
  label, 'test'
FROM jsonb_to_recordset($1::text::jsonb) AS t ${COLUMNS}
WHERE label IS NOT NULL`;
