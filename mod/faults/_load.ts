import type { Database } from "../db/database.ts";
import type { EventLog, NewRecord } from "../log/event_log.ts";
import { waitUntil } from "../testing/mod.ts";

/** A producer at work. */
export interface Load {
  /** How many records are in the log. */
  readonly sent: number;
  /** Ends it; throws what an append threw. */
  stop(): Promise<void>;
}

/** Appends records at a steady rate until it is stopped or they are all in the log. */
export function startLoad(
  log: EventLog,
  { topic, records, perSecond = 400 }: {
    topic: string;
    records: readonly NewRecord[];
    perSecond?: number;
  },
): Load {
  let [running, sent] = [true, 0];
  const size = Math.max(1, Math.round(perSecond / 10));
  const work = (async () => {
    while (running && sent < records.length) {
      const part = records.slice(sent, sent + size);
      await log.append(topic, part);
      sent += part.length;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  // Looked at when it is stopped; until then it must not end the process.
  work.catch(() => {});
  return {
    get sent() {
      return sent;
    },
    async stop() {
      running = false;
      await work;
    },
  };
}

/** How many records of a topic are processed; null while the database is away. */
export async function processed(db: Database, topic: string): Promise<number | null> {
  try {
    const rows = await db.query(
      `SELECT coalesce(sum(next_offset), 0)::float8 AS n FROM masto.stream_progress
       WHERE topic = $1`,
      [topic],
    );
    return Number(rows[0]?.n);
  } catch {
    return null;
  }
}

/** Waits until more records are processed than before; gives how many. */
export function progressBeyond(
  db: Database,
  { topic, than, what, detail }: {
    topic: string;
    than: number;
    what: string;
    detail?: () => string;
  },
): Promise<number> {
  return waitUntil(async () => {
    const now = await processed(db, topic);
    return now !== null && now > than && now;
  }, { what, timeoutMs: 60_000, intervalMs: 20, ...(detail === undefined ? {} : { detail }) });
}

/** Waits until all that a topic holds is processed. */
export async function drained(
  db: Database,
  { log, topic, detail }: { log: EventLog; topic: string; detail?: () => string },
): Promise<void> {
  let end = 0;
  for (const range of (await log.offsets(topic)).values()) end += range.end;
  await progressBeyond(db, {
    topic,
    than: end - 1,
    what: `all ${end} records to be processed`,
    ...(detail === undefined ? {} : { detail }),
  });
}
