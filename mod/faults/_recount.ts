import type { Row } from "../db/database.ts";
import type { EventLog, LogRecord } from "../log/event_log.ts";
import { decodeEvent, type Toot, type WireEvent } from "../mastodon/wire.ts";
import type { Score } from "../stream/toot_state.ts";
import { factLines, type FactTable, type Tables } from "./_tables.ts";

/** How a log is counted. */
export interface RecountOptions {
  readonly windowMs: number;
  readonly graceMs: number;
  readonly score: (text: string, lang: string) => Score | null;
}

/** An event with all that its place in the log says about it. */
interface Seen {
  readonly event: WireEvent;
  readonly toot: Toot | null;
  readonly partition: number;
  readonly offset: number;
  readonly arrived: number;
  /** Newest event time before it in its partition, less the grace. */
  readonly watermark: number;
}

/** All records of a topic, by partition. */
export async function readLog(log: EventLog, topic: string): Promise<LogRecord[][]> {
  const partitions: LogRecord[][] = [];
  for (const [partition, { start, end }] of await log.offsets(topic)) {
    partitions[partition] = [
      ...await log.read(topic, { partition, from: start, limit: end - start }),
    ];
  }
  return partitions;
}

/** How far ahead of its arrival an event may be dated, in ms. */
const AHEAD = 5 * 60_000;

/**
 * The tables, computed at once from a whole log by grouping and filtering: no batches, no deltas, no
 * state, no database. Toots must have uris of their own, no author may opt out, and no partition may
 * ever have been idle.
 */
export function recount(log: readonly (readonly LogRecord[])[], options: RecountOptions): Tables {
  const { windowMs, graceMs, score } = options;
  const marks: number[] = [];
  const dead = log.map(() => 0);
  const seen = log.flatMap((records, partition) => {
    let newest = -Infinity;
    const found = records.flatMap(({ value, offset, timestamp }): Seen[] => {
      const event = eventOf(value);
      const toot = event !== null && "toot" in event ? event.toot : null;
      if (event === null || (toot !== null && Date.parse(toot.created_at) > timestamp + AHEAD)) {
        dead[partition] = (dead[partition] ?? 0) + 1;
        return [];
      }
      const watermark = newest - graceMs;
      if (toot !== null) newest = Math.max(newest, Date.parse(toot.created_at));
      return [{ event, toot, partition, offset, arrived: timestamp, watermark }];
    });
    marks.push(newest - graceMs);
    return found;
  });
  const finalUntil = Math.min(...marks);
  const startOf = (time: number) => time - time % windowMs;
  const stories = [...Map.groupBy(seen, ({ event }) => `${event.instance} ${event.id}`).values()];
  const gone = stories.flatMap((all) => all.find(({ event }) => event.type === "delete") ?? []);
  const kept = stories.flatMap((all) => {
    if (all.some(({ event }) => event.type === "delete")) return [];
    const newestEdit = all.map(({ toot }) => toot?.edited_at ?? "").sort().at(-1);
    const toot = all.find((s) => (s.toot?.edited_at ?? "") === newestEdit)?.toot;
    const [first] = all;
    if (first?.toot === undefined || first.toot === null || !toot) return [];
    const start = startOf(Date.parse(first.toot.created_at));
    return [{
      first,
      toot,
      start,
      isLate: start + windowMs <= first.watermark,
      length: Array.from(toot.text).length,
      score: toot.text === "" ? null : score(toot.text, toot.lang),
    }];
  });
  const inTime = kept.filter(({ isLate }) => !isLate);
  const window = (start: number) => ({
    window_start: new Date(start),
    is_final: start + windowMs <= finalUntil,
  });
  const lengths = (column: "lang" | "account_id") =>
    [...Map.groupBy(inTime, ({ start, toot }) => `${start} ${toot[column]}`).values()]
      .map((group) => ({
        ...window(group[0]?.start ?? 0),
        [column]: group[0]?.toot[column],
        n_toots: group.length,
        avg_length: sum(group.map(({ length }) => length)) / group.length,
      }));
  const scored = kept.flatMap((t) => t.score === null ? [] : [{ ...t, score: t.score }]);
  const rows: Record<FactTable, Row[]> = {
    toots_raw: kept.map(({ first, toot, isLate }) => ({
      instance: first.event.instance,
      id: first.event.id,
      uri: first.toot?.uri,
      created_at: new Date(toot.created_at),
      edited_at: toot.edited_at === null ? null : new Date(toot.edited_at),
      lang: toot.lang,
      account_id: toot.account_id,
      is_late: isLate,
      content_txt: toot.text,
      ingested_at: new Date(first.arrived),
    })),
    toots_sentiment: scored.map(({ first: { event }, score }) => ({
      instance: event.instance,
      id: event.id,
      lang: score.lang,
      label_bin: score.probability < 0.5 ? 0 : 1,
      prob_pos: score.probability,
      label_str: score.label,
    })),
    tombstones: gone.map(({ event, arrived }) => ({
      instance: event.instance,
      id: event.id,
      deleted_at: new Date(arrived),
    })),
    late_events: kept.filter(({ isLate }) => isLate).map(({ first, start }) => ({
      instance: first.event.instance,
      id: first.event.id,
      window_start: new Date(start),
      watermark: new Date(first.watermark),
      partition: first.partition,
      record_offset: String(first.offset),
    })),
    toot_metrics_windowed: lengths("lang"),
    user_avg_length_windowed: lengths("account_id"),
    sentiment_windowed: [
      ...Map.groupBy(
        scored.filter(({ isLate }) => !isLate),
        ({ start, score }) => `${start} ${score.lang}`,
      ).values(),
    ].map((group) => {
      const n = (label: string) => group.filter(({ score }) => score.label === label).length;
      const micro = sum(group.map(({ score }) => Math.round(score.probability * 1e6)));
      return {
        ...window(group[0]?.start ?? 0),
        lang: group[0]?.score.lang,
        n_scored: group.length,
        n_pos: n("positive"),
        n_neg: n("negative"),
        n_neu: n("neutral"),
        avg_prob_pos: micro / 1e6 / group.length,
      };
    }),
    stream_progress: log.map((records, partition) => ({
      partition,
      next_offset: String(records.length),
      n_records: String(records.length),
      n_dead_letters: String(dead[partition]),
    })),
  };
  return new Map(Object.entries(rows).map(([name, list]) => [name, factLines(list)]));
}

function eventOf(value: Uint8Array): WireEvent | null {
  try {
    return decodeEvent(value);
  } catch {
    return null;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
