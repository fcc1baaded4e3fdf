import { z } from "zod";
import type { Row } from "../db/database.ts";
import type { LogRecord } from "../log/event_log.ts";
import { testScore } from "./_story.ts";
import { type Tables, tablesOf } from "./_tables.ts";

const eventShape = z.object({
  type: z.string(),
  instance: z.string(),
  id: z.string(),
  toot: z.looseObject({
    uri: z.string(),
    created_at: z.string(),
    edited_at: z.string().nullable(),
    lang: z.string(),
    account_id: z.string(),
    text: z.string(),
  }).optional(),
});

/** An event with all that its place in the log says about it. */
interface Seen extends z.output<typeof eventShape> {
  readonly partition: number;
  readonly offset: number;
  readonly arrived: number;
  /** Newest event time before it in its partition, less the grace. */
  readonly watermark: number;
}

/** How a log is counted. */
export interface RecountOptions {
  readonly windowMs: number;
  readonly graceMs: number;
  readonly finalUntilMs: number;
}

/**
 * All tables, computed at once from a whole log by sorting and filtering: no batches, no deltas, no
 * state. Slow and plain, to check the stream against. Toots must have uris of their own, and no
 * partition may ever have been idle.
 */
export function recount(log: readonly LogRecord[][], options: RecountOptions): Tables {
  const { windowMs, finalUntilMs } = options;
  const { seen, dead } = readAll(log, options);
  const stories = [...Map.groupBy(seen, (s) => `${s.instance} ${s.id}`).values()].map(fateOf);
  const toots = stories.flatMap(({ first, newest }) =>
    first?.toot === undefined || newest?.toot === undefined ? [] : [{
      first,
      id: first.id,
      instance: first.instance,
      toot: newest.toot,
      created: Date.parse(newest.toot.created_at),
      length: Array.from(newest.toot.text).length,
      score: newest.toot.text === "" ? null : testScore(newest.toot.text, newest.toot.lang),
      late: endOf(Date.parse(first.toot.created_at), windowMs) <= first.watermark,
    }]
  );
  const window = (created: number) => {
    const end = endOf(created, windowMs);
    const [window_start, window_end] = [new Date(end - windowMs), new Date(end)];
    return { window_start, window_end, is_final: end <= finalUntilMs };
  };
  const inTime = toots.filter(({ late }) => !late);
  const lengths = (column: "lang" | "account_id") =>
    [...Map.groupBy(inTime, (t) => `${endOf(t.created, windowMs)} ${t.toot[column]}`).values()]
      .map((group) => ({
        ...window(group[0]?.created ?? 0),
        [column]: group[0]?.toot[column],
        n_toots: group.length,
        avg_length: sum(group.map((t) => t.length)) / group.length,
      }));
  const scored = toots.flatMap((t) => t.score === null ? [] : [{ ...t, score: t.score }]);
  const labels = (group: typeof scored) => {
    const n = (label: string) => group.filter(({ score }) => score.label === label).length;
    return { n_pos: n("positive"), n_neg: n("negative"), n_neu: n("neutral") };
  };
  const meanMicro = (group: typeof scored) =>
    sum(group.map(({ score }) => Math.round(score.probability * 1e6)));
  const rows: Readonly<Record<keyof Tables, Row[]>> = {
    toots_raw: toots.map(({ first, toot, created, late }) => ({
      instance: first.instance,
      id: first.id,
      uri: toot.uri,
      created_at: new Date(created),
      edited_at: toot.edited_at === null ? null : new Date(toot.edited_at),
      lang: toot.lang,
      account_id: toot.account_id,
      acct: toot.acct,
      is_bot: toot.is_bot,
      is_late: late,
      content_txt: toot.text,
      hashtags: toot.hashtags,
      in_reply_to_id: toot.in_reply_to_id,
      visibility: toot.visibility,
      replies_count: toot.replies,
      reblogs_count: toot.reblogs,
      favourites_count: toot.favourites,
      media_count: toot.media,
      raw: toot.raw ?? null,
      ingested_at: new Date(first.arrived),
    })),
    toots_sentiment: scored.map(({ instance, id, created, toot, score }) => ({
      instance,
      id,
      created_at: new Date(created),
      lang: toot.lang,
      text: toot.text,
      label_bin: score.probability < 0.5 ? 0 : 1,
      prob_pos: score.probability,
      label_str: score.label,
      model_version: "m1",
    })),
    tombstones: stories.flatMap(({ gone }) =>
      gone === undefined
        ? []
        : [{ instance: gone.instance, id: gone.id, deleted_at: new Date(gone.arrived) }]
    ),
    late_events: toots.filter(({ late }) => late).map(({ first }) => {
      const created = Date.parse(first.toot?.created_at ?? "");
      return {
        instance: first.instance,
        id: first.id,
        created_at: new Date(created),
        window_start: new Date(endOf(created, windowMs) - windowMs),
        watermark: new Date(first.watermark),
        topic: "t",
        partition: first.partition,
        record_offset: String(first.offset),
        seen_at: new Date(first.arrived),
      };
    }),
    toot_metrics_windowed: lengths("lang"),
    user_avg_length_windowed: lengths("account_id"),
    sentiment_windowed: [
      ...Map.groupBy(
        scored.filter(({ late }) => !late),
        (t) => `${endOf(t.created, windowMs)} ${t.toot.lang}`,
      ).values(),
    ].map((group) => ({
      ...window(group[0]?.created ?? 0),
      lang: group[0]?.toot.lang,
      n_scored: group.length,
      ...labels(group),
      avg_prob_pos: meanMicro(group) / 1e6 / group.length,
    })),
    v_sentiment_daily: [
      ...Map.groupBy(scored, (t) => new Date(t.created).toISOString().slice(0, 10)),
    ].map(([day, group]) => {
      const { n_pos, n_neg, n_neu } = labels(group);
      return {
        day,
        n_toosts: String(group.length),
        n_pos: String(n_pos),
        n_neg: String(n_neg),
        n_neu: String(n_neu),
        avg_prob_pos: meanMicro(group) / 1e6 / group.length,
      };
    }),
    stream_progress: log.map((records, partition) => {
      const here = seen.filter((s) => s.partition === partition);
      const times = here.flatMap(({ toot }) =>
        toot === undefined ? [] : [Date.parse(toot.created_at)]
      );
      const newest = times.length === 0 ? null : Math.max(...times);
      return {
        worker_group: "g",
        topic: "t",
        partition,
        next_offset: String(records.length),
        max_event_time: newest === null ? null : new Date(newest),
        watermark: newest === null ? null : new Date(newest - options.graceMs),
        is_idle: false,
        n_records: String(records.length),
        n_dead_letters: String(dead.get(partition) ?? 0),
        ...countsOf(here, windowMs),
      };
    }),
  };
  return tablesOf((name) => rows[name]);
}

function readAll(
  log: readonly LogRecord[][],
  { graceMs }: RecountOptions,
): { seen: Seen[]; dead: Map<number, number> } {
  const seen: Seen[] = [];
  const dead = new Map<number, number>();
  log.forEach((records, partition) => {
    let newest = -Infinity;
    for (const { value, offset, timestamp } of records) {
      const event = eventOf(new TextDecoder().decode(value));
      if (event === null) {
        dead.set(partition, (dead.get(partition) ?? 0) + 1);
        continue;
      }
      seen.push({ ...event, partition, offset, arrived: timestamp, watermark: newest - graceMs });
      if (event.toot !== undefined) newest = Math.max(newest, Date.parse(event.toot.created_at));
    }
  });
  return { seen, dead };
}

function eventOf(text: string): z.output<typeof eventShape> | null {
  try {
    return eventShape.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** What one toot's events, in their order, come to. */
function fateOf(events: readonly Seen[]) {
  const gone = events.find(({ type }) => type === "delete");
  const versions = gone === undefined ? events : [];
  const editTime = (s: Seen) => s.toot?.edited_at ?? "";
  const newestEdit = versions.map(editTime).sort().at(-1);
  return { gone, first: versions[0], newest: versions.find((s) => editTime(s) === newestEdit) };
}

function countsOf(here: readonly Seen[], windowMs: number): Row {
  const n = {
    toots: 0,
    duplicates: 0,
    edits: 0,
    stale: 0,
    deletes: 0,
    unknown: 0,
    after: 0,
    late: 0,
  };
  for (const events of Map.groupBy(here, (s) => `${s.instance} ${s.id}`).values()) {
    const end = events.findIndex(({ type }) => type === "delete");
    const before = end === -1 ? events : events.slice(0, end);
    const rest = end === -1 ? [] : events.slice(end);
    const [first] = before;
    if (first?.toot !== undefined) {
      n.toots++;
      if (endOf(Date.parse(first.toot.created_at), windowMs) <= first.watermark) n.late++;
    }
    before.slice(1).forEach(({ toot }, i) => {
      const newestYet = before.slice(0, i + 1).map((s) => s.toot?.edited_at ?? "").sort().at(-1);
      const edit = toot?.edited_at ?? "";
      if (edit === newestYet) n.duplicates++;
      else if (edit > (newestYet ?? "")) n.edits++;
      else n.stale++;
    });
    const deletes = rest.filter(({ type }) => type === "delete").length;
    const found = deletes > 0 && before.length > 0 ? 1 : 0;
    n.deletes += found;
    n.unknown += deletes - found;
    n.after += rest.length - deletes;
  }
  return {
    n_toots: String(n.toots),
    n_duplicates: String(n.duplicates),
    n_copies: "0",
    n_edits: String(n.edits),
    n_stale: String(n.stale),
    n_deletes: String(n.deletes),
    n_unknown: String(n.unknown),
    n_after_delete: String(n.after),
    n_late: String(n.late),
  };
}

function endOf(time: number, windowMs: number): number {
  return time - (time % windowMs) + windowMs;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
