import type { Database, Sql, TransactionOptions } from "../db/database.ts";
import type { EventLog } from "../log/event_log.ts";
import { waitUntil } from "../testing/mod.ts";
import { movedPosition } from "./_kill_switch.ts";

/** The moments at which a worker may freeze. */
export const FREEZE_MOMENTS = [
  /** Without a transaction of this batch. */
  "before begin",
  /** All is written, and the position's row is locked. */
  "before commit",
  /** The same, and a transaction that moves finality on is waiting for that row. */
  "before commit with finality waiting",
] as const;

/** See {@linkcode FREEZE_MOMENTS}. */
export type FreezeMoment = (typeof FREEZE_MOMENTS)[number];

/** When a worker freezes. */
export interface FreezeOptions {
  /** In which batch, from 1. */
  readonly batch: number;
  readonly moment: FreezeMoment;
  /** Moves finality on. */
  readonly finality: () => Promise<unknown>;
  /** The database by connections of its own: all of the worker's may be waiting. */
  readonly watch: Database;
  readonly say: (line: string) => void;
}

/**
 * Stops its own process, as a long pause of the machine would, at a chosen moment, and says what
 * became of the batch in hand when it goes on.
 */
export class FreezeSwitch {
  readonly #options: FreezeOptions;
  #batches = 0;
  #armed = false;
  /** The partition whose batch was in hand. */
  #frozen: number | null = null;

  constructor(options: FreezeOptions) {
    this.#options = options;
  }

  /** The log with the switch before its batches. */
  log(log: EventLog): EventLog {
    const { batch, moment, say } = this.#options;
    return {
      engine: log.engine,
      createTopics: (specs) => log.createTopics(specs),
      append: (topic, records) => log.append(topic, records),
      offsets: (topic) => log.offsets(topic),
      read: (topic, options) => log.read(topic, options),
      consume: (options) =>
        log.consume({
          ...options,
          onBatch: async (records) => {
            const isLater = this.#frozen !== null;
            const isIt = () => !isLater && this.#frozen === records.partition;
            if (++this.#batches === batch) {
              if (moment === "before begin") this.#freeze(records.partition);
              else this.#armed = true;
            }
            try {
              await options.onBatch(records);
              if (isIt()) say("committed");
            } catch (error) {
              if (isIt()) {
                say(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
              }
              throw error;
            }
          },
        }),
      [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
    };
  }

  /** The database with the switch before its commits. */
  database(db: Database): Database {
    return {
      engine: db.engine,
      query: (text, params) => db.query(text, params),
      copyIn: (target, payload) => db.copyIn(target, payload),
      script: (text) => db.script(text),
      transaction: (work, options) => this.#transaction(db, { work, options }),
      [Symbol.asyncDispose]: () => db[Symbol.asyncDispose](),
    };
  }

  #transaction<T>(
    db: Database,
    { work, options }: {
      work: (tx: Sql) => Promise<T>;
      options: TransactionOptions | undefined;
    },
  ): Promise<T> {
    return db.transaction(async (tx) => {
      const moved: number[] = [];
      const result = await work({
        query: (text, params) => {
          const partition = movedPosition(text, params)?.partition ?? null;
          if (partition !== null) moved.push(partition);
          return tx.query(text, params);
        },
        copyIn: (target, payload) => tx.copyIn(target, payload),
        script: (text) => tx.script(text),
      });
      const [partition] = moved;
      if (partition !== undefined && this.#armed) {
        this.#armed = false;
        if (this.#options.moment === "before commit with finality waiting") {
          this.#options.finality().catch(() => {});
          await finalityWaits(this.#options.watch);
        }
        this.#freeze(partition);
      }
      return result;
    }, options);
  }

  #freeze(partition: number): void {
    this.#frozen = partition;
    this.#options.say(`freezing ${this.#options.moment}`);
    Deno.kill(Deno.pid, "SIGSTOP");
    this.#options.say("thawed");
  }
}

async function finalityWaits(db: Database): Promise<void> {
  await waitUntil(async () => {
    const rows = await db.query(
      `SELECT FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock'
         AND query LIKE '%masto.stream_progress%FOR SHARE%'`,
    );
    return rows.length > 0;
  }, { what: "finality to wait for a batch", timeoutMs: 10_000 });
}
