import type { Database, Sql, TransactionOptions } from "../db/database.ts";
import type { EventLog } from "../log/event_log.ts";
import { movedPosition } from "./_kill_switch.ts";

/** When a worker freezes. */
export interface FreezeOptions {
  /** In which batch, from 1. */
  readonly batch: number;
  /** Without a transaction open, or with all written and the position's row locked. */
  readonly moment: "before begin" | "before commit";
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
            const isIt = ++this.#batches === batch;
            if (isIt && moment === "before begin") this.#freeze();
            if (isIt && moment === "before commit") this.#armed = true;
            try {
              await options.onBatch(records);
              if (isIt) say("committed");
            } catch (error) {
              say(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
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
      let isBatch = false;
      const result = await work({
        query: (text, params) => {
          isBatch ||= movedPosition(text, params) !== null;
          return tx.query(text, params);
        },
        copyIn: (target, payload) => tx.copyIn(target, payload),
        script: (text) => tx.script(text),
      });
      if (isBatch && this.#armed) {
        this.#armed = false;
        this.#freeze();
      }
      return result;
    }, options);
  }

  #freeze(): void {
    this.#options.say(`freezing ${this.#options.moment}`);
    Deno.kill(Deno.pid, "SIGSTOP");
    this.#options.say("thawed");
  }
}
