import fc from "fast-check";
import type { LogRecord } from "../log/event_log.ts";
import { partitionOf } from "../log/partitioner.ts";
import { encodeEvent, type Toot, type WireEvent } from "../mastodon/wire.ts";
import { labelOf } from "../sentiment/scorer.ts";
import type { Score } from "./toot_state.ts";

/** The middle of every story, in ms. */
export const NOON: number = Date.UTC(2026, 0, 5, 12);

/** When the first record of a story arrives: late enough for none to be dated ahead. */
export const ARRIVAL: number = NOON + 3_600_000;

/** A wire event of a toot that is ordinary but for what is given. */
export function update(id: string, given: Partial<Toot> & { instance?: string } = {}): WireEvent {
  const { instance = "a.example", ...fields } = given;
  return {
    v: 1,
    type: fields.edited_at === undefined ? "update" : "status.update",
    instance,
    id,
    toot: {
      uri: `https://${instance}/statuses/${id}`,
      created_at: new Date(NOON).toISOString(),
      edited_at: null,
      lang: "en",
      account_id: "ann",
      acct: null,
      is_bot: false,
      text: "tea",
      hashtags: [],
      in_reply_to_id: null,
      visibility: "public",
      replies: 0,
      reblogs: 0,
      favourites: 0,
      media: 0,
      ...fields,
    },
  };
}

/** A wire event that deletes a toot. */
export function remove(id: string, instance = "a.example"): WireEvent {
  return { v: 1, type: "delete", instance, id };
}

/** A text's score: any number will do that depends on the text, as long as all labels occur. */
export function testScore(text: string, lang: string): Score | null {
  if (lang !== "en" && lang !== "de") return null;
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum += text.charCodeAt(i) * 7919;
  const probability = (sum % 1_000_001) / 1_000_000;
  return { lang, probability, label: labelOf(probability, { low: 0.45, high: 0.55 }) };
}

const FEW = { min: 1, max: 6 };
const IDS = ["1", "2", "3", "9223372036854775807"];

/** What a story is made of. */
export interface StoryOptions {
  /** The toots' event times lie within so many ms of each other. */
  readonly spreadMs: number;
  /** With records that are no events. */
  readonly poison?: boolean;
  /** Toots of one id have one uri, on every instance, and edits that change it. */
  readonly sharedUris?: boolean;
  /** Of which ids the toots have one, the same on every instance or not. @default {four of them} */
  readonly ids?: readonly string[];
  /** How many toots. @default {1 to 6} */
  readonly toots?: { readonly min: number; readonly max: number };
}

/** The events of several toots, in the order of their making: a test shuffles them. */
export function story(
  { spreadMs, poison = false, sharedUris = false, ids = IDS, toots = FEW }: StoryOptions,
): fc.Arbitrary<string[]> {
  const toot = fc.record({
    instance: fc.constantFrom("a.example", "b.example"),
    id: fc.constantFrom(...ids),
    author: fc.constantFrom("ann", "bo", "cy"),
    offsetMs: fc.oneof(
      fc.integer({ min: 0, max: spreadMs }),
      fc.constantFrom(0, spreadMs, Math.floor(spreadMs / 2)),
    ),
    versions: fc.array(
      fc.record({
        text: fc.constantFrom("", "a", "tea", "né🐘", "x".repeat(50), "much ado"),
        lang: fc.constantFrom("en", "de", "und"),
        copies: fc.integer({ min: 1, max: 3 }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    deletes: fc.constantFrom(0, 0, 0, 1, 2),
    moves: fc.constantFrom(false, false, false, true),
  });
  return fc.tuple(
    fc.uniqueArray(toot, {
      minLength: toots.min,
      maxLength: toots.max,
      selector: ({ instance, id }) => `${instance} ${id}`,
    }),
    fc.array(fc.constantFrom("", "{", "null", '{"v":1,"type":"delete","id":"x"}'), {
      maxLength: poison ? 3 : 0,
    }),
  ).map(([toots, bad]) => [
    ...toots.flatMap(({ instance, id, author, offsetMs, versions, deletes, moves }) => [
      ...versions.flatMap(({ text, lang, copies }, v) => {
        // An edit that moves a toot in time is against the rules, and comes all the same.
        const created = NOON + (moves && v > 0 ? spreadMs - offsetMs : offsetMs);
        const event = update(id, {
          instance,
          text,
          lang,
          account_id: author,
          created_at: new Date(created).toISOString(),
          ...(sharedUris ? { uri: moves && v > 1 ? "uri of 1" : `uri of ${id}` } : {}),
          ...(v === 0 ? {} : { edited_at: new Date(NOON + v * 1000).toISOString() }),
        });
        return Array.from({ length: copies }, () => encodeEvent(event));
      }),
      ...Array.from({ length: deletes }, () => encodeEvent(remove(id, instance))),
    ]),
    ...bad,
  ]);
}

/** An array in any order. */
export function shuffled<T>(arbitrary: fc.Arbitrary<T[]>): fc.Arbitrary<T[]> {
  return arbitrary.chain((list) => fc.shuffledSubarray(list, { minLength: list.length }));
}

/**
 * Lays records out over partitions as the log would: by the toot's id, in order. They arrive one ms
 * after the other, or with `atOnce` all in the same.
 */
export function layOut(
  values: readonly string[],
  partitions: number,
  { atOnce = false }: { atOnce?: boolean } = {},
): LogRecord[][] {
  const log: LogRecord[][] = Array.from({ length: partitions }, () => []);
  values.forEach((value, i) => {
    const key = /"id":"(\d+)"/.exec(value)?.[1] ?? null;
    const timestamp = ARRIVAL + (atOnce ? 0 : i);
    const partition = log[partitionOf(key, partitions)];
    partition?.push(recordOf(value, { offset: partition.length, key, timestamp }));
  });
  return log;
}

/** A record as a log hands it out. */
export function recordOf(
  value: string,
  { offset, key = null, timestamp = ARRIVAL }: {
    offset: number;
    key?: string | null;
    timestamp?: number;
  },
): LogRecord {
  return { offset, key, value: new TextEncoder().encode(value), timestamp, headers: {} };
}
