/**
 * The data set of the benches: made-up toots as wire records of about 1 KB, the same at every run.
 *
 * @module
 */
import type { NewRecord } from "../log/event_log.ts";
import { encodeEvent, type Toot, WIRE_VERSION } from "../mastodon/wire.ts";

/** What the data set is like. */
export interface TootRecordOptions {
  /** First number; parts of one data set go on counting. @default {0} */
  readonly from?: number;
  readonly count: number;
  /** Event time between two toots, in ms. @default {18} */
  readonly stepMs?: number;
  /** Event time of toot 0, in ms. @default {2026-01-05T00:00:00Z} */
  readonly startMs?: number;
  /** Share of records that are poison: no JSON. @default {0} */
  readonly poison?: number;
}

/** People who post, the busiest most: an author of rank r posts in proportion to 1/(r + 10). */
const AUTHORS = 20_000;
const WORDS =
  "the a of my this morning coffee train rain garden code music photo cat friend happy great love sad awful tired broken delay finally never again really good bad new old city server update release walk dinner book film game work home"
    .split(" ");
/** How often each language is declared, in hundredths: as in a sample of 600 real public toots. */
const LANGS = { en: 66, de: 24, es: 2, fr: 2, ja: 2, tr: 1, cs: 1, und: 2 };
const LANG_OF = Object.entries(LANGS).flatMap(([lang, n]) => Array.from({ length: n }, () => lang));
const TAGS = ["caturday", "photography", "opensource", "gardening", "nowplaying", "bookstodon"];

/** The text by which a data set is told in reports. */
export const DATA_SET =
  "made-up toots, wire records of 0.9 KB with 390 characters of text, two in three English, " +
  "20,000 authors with a long tail, 18 ms of event time apart";

/** Makes records in order of time; the same numbers give the same records. */
export function tootRecords(options: TootRecordOptions): NewRecord[] {
  const { from = 0, count, stepMs = 18, poison = 0 } = options;
  const startMs = options.startMs ?? Date.UTC(2026, 0, 5);
  return Array.from({ length: count }, (_, i) => {
    const n = from + i;
    const random = mulberry32(n + 1);
    const id = String(115_000_000_000_000_000n + BigInt(n) * 65_536n);
    if (random() < poison) return { key: id, value: `{"v":1,"type":"update","id":"${id}"` };
    const toot = makeToot({ id, createdMs: startMs + n * stepMs, random });
    const event = { v: WIRE_VERSION, type: "update", instance: "bench.example", id, toot } as const;
    return { key: id, value: encodeEvent(event) };
  });
}

function makeToot(
  { id, createdMs, random }: { id: string; createdMs: number; random: () => number },
): Toot {
  // Inverse of the cumulated 1/(r + 10), which is close to ln((r + 10) / 10).
  const author = Math.floor(10 * Math.exp(random() * Math.log((AUTHORS + 10) / 10)) - 10);
  const words = Array.from(
    { length: 60 + Math.floor(random() * 24) },
    () => WORDS[Math.floor(random() * WORDS.length)],
  );
  return {
    uri: `https://mastodon${
      author % 997
    }.social.example/users/person_number_${author}/statuses/${id}`,
    created_at: new Date(createdMs).toISOString(),
    edited_at: null,
    lang: LANG_OF[Math.floor(random() * LANG_OF.length)] ?? "und",
    account_id: `author${String(author).padStart(16, "0")}`,
    acct: `person_number_${author}@mastodon${author % 997}.social.example`,
    is_bot: author % 50 === 0,
    text: words.join(" "),
    hashtags: TAGS.slice(author % 3, author % 3 + author % 4),
    in_reply_to_id: null,
    visibility: "public",
    replies: 0,
    reblogs: 0,
    favourites: 0,
    media: author % 5 === 0 ? 1 : 0,
  };
}

/** Source: Tommy Ettinger's mulberry32, public domain; enough for a bench's data. */
function mulberry32(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
