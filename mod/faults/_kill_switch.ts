/**
 * A database, and a log, that kill their own process at a chosen moment.
 *
 * @module
 */
import type { Database, Sql, SqlValue, TransactionOptions } from "../db/database.ts";
import type { EventLog } from "../log/event_log.ts";

/** The moments at which a worker may die. */
export const MOMENTS = [
  /** All is written, COMMIT is not sent. */
  "before commit",
  /** COMMIT is on its way, its answer is not. */
  "during commit",
  /** COMMIT is done, the worker does not know its next step. */
  "after commit",
  /** Before one of the statements of a batch. */
  "before a statement",
  /** While one of them runs. */
  "during a statement",
  /** The dead letters are not in the log. */
  "before dead letters",
  /** They are, and the batch is not committed. */
  "after dead letters",
] as const;

/** See {@linkcode MOMENTS}. */
export type Moment = (typeof MOMENTS)[number];

/** When to die. */
export interface KillPlan {
  readonly moment: Moment;
  /** In which batch, from 1, or at which append of dead letters. */
  readonly batch: number;
  /** At which statement of the batch, from 1: the last one if it has fewer. */
  readonly statement: number;
}

/** What a dying process says on its last line. */
export interface LastWords {
  readonly moment: Moment;
  /** Whose batch it was, and what position it was to store; null if it had not come to that. */
  readonly partition: number | null;
  readonly nextOffset: number | null;
}

/** What a batch moves. */
export type Position = Pick<LastWords, "partition" | "nextOffset">;

const NOWHERE: Position = { partition: null, nextOffset: null };

/** Marks the line of the last words. */
export const LAST_WORDS = "killed ";

/** Wires a plan into the ports. */
export class KillSwitch {
  readonly #plan: KillPlan;
  #batches = 0;
  #appends = 0;

  constructor(plan: KillPlan) {
    this.#plan = plan;
  }

  /** The database with the switch in it. */
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

  /** The log with the switch in its appends. */
  log(log: EventLog): EventLog {
    return {
      engine: log.engine,
      createTopics: (specs) => log.createTopics(specs),
      append: async (topic, records) => {
        const isIt = ++this.#appends === this.#plan.batch;
        if (isIt) this.#die("before dead letters");
        await log.append(topic, records);
        if (isIt) this.#die("after dead letters");
      },
      offsets: (topic) => log.offsets(topic),
      read: (topic, options) => log.read(topic, options),
      consume: (options) => log.consume(options),
      [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
    };
  }

  async #transaction<T>(
    db: Database,
    { work, options }: {
      work: (tx: Sql) => Promise<T>;
      options: TransactionOptions | undefined;
    },
  ): Promise<T> {
    const { batch } = this.#plan;
    // Batches of different partitions are under way at the same time.
    let position: Position = NOWHERE;
    let isIt = false;
    const result = await db.transaction(async (tx) => {
      position = NOWHERE;
      let statement = 0;
      const around = async <R>(run: () => Promise<R>): Promise<R> => {
        const isNow = this.#batches + 1 === batch && ++statement === this.#plan.statement;
        if (isNow) this.#die("before a statement", position);
        const running = run();
        if (isNow) setTimeout(() => this.#die("during a statement", position), 0);
        return await running;
      };
      const given = await work({
        query: (text, params = []) => {
          position = movedPosition(text, params) ?? position;
          return around(() => tx.query(text, params));
        },
        copyIn: (target, payload) => around(() => tx.copyIn(target, payload)),
        script: (text) => around(() => tx.script(text)),
      });
      // Finality moves in transactions too, which store no position.
      isIt = position.nextOffset !== null && ++this.#batches === batch;
      if (isIt) {
        this.#die("before a statement", position);
        this.#die("during a statement", position);
        this.#die("before commit", position);
        setTimeout(() => this.#die("during commit", position), 0);
      }
      return given;
    }, options);
    if (isIt) {
      this.#die("during commit", position);
      this.#die("after commit", position);
    }
    return result;
  }

  #die(moment: Moment, position: Position = NOWHERE): void {
    if (moment !== this.#plan.moment) return;
    const words: LastWords = { moment, ...position };
    Deno.stdout.writeSync(new TextEncoder().encode(`${LAST_WORDS}${JSON.stringify(words)}\n`));
    Deno.kill(Deno.pid, "SIGKILL");
  }
}

/**
 * The position that a statement stores, the first if there are several: only the one that ends a
 * batch's transaction stores any.
 */
export function movedPosition(sql: string, params: readonly SqlValue[] = []): Position | null {
  if (!sql.includes("UPDATE masto.stream_progress SET")) return null;
  const [, nextOffset] = /\bnext_offset = \$(\d+)/.exec(sql) ?? [];
  const [, partition] = /\bpartition = \$(\d+)/.exec(sql) ?? [];
  if (nextOffset === undefined || partition === undefined) return null;
  const valueOf = (parameter: string) => Number(params[Number(parameter) - 1]);
  return { partition: valueOf(partition), nextOffset: valueOf(nextOffset) };
}
