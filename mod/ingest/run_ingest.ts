/**
 * The ingest job: follows servers and brings what they say to the log.
 *
 * @module
 */
import type { Database } from "../db/database.ts";
import { deadLetterRecord } from "../log/dead_letter.ts";
import { type EventLog, MissingTopicError } from "../log/event_log.ts";
import type { RecordTooLargeError } from "../log/log_errors.ts";
import { followStream } from "../mastodon/live_stream.ts";
import type { NormalizeRules } from "../mastodon/normalize.ts";
import { discoverServer, ServerError, type ServerInfo } from "../mastodon/server.ts";
import type { Follow } from "../mastodon/stream_end.ts";
import { streamLabel, type StreamName } from "../mastodon/stream_name.ts";
import { decodeEvent, WireError } from "../mastodon/wire.ts";
import { Bookkeeper } from "./bookkeeper.ts";
import { type Clock, systemClock } from "./clock.ts";
import { followSource } from "./follower.ts";
import { type IngestCounts, newIngestCounts } from "./ingest_counts.ts";
import { readIngestPositions } from "./ingest_store.ts";
import { Intake } from "./intake.ts";
import { readTail } from "./log_tail.ts";
import { Merger } from "./merger.ts";
import { Outbox } from "./outbox.ts";
import { followMoving } from "./_moving_server.ts";
import { type PatienceOptions, patiently } from "./_patiently.ts";
import { quoted } from "./_quoted.ts";
import { toldErrors } from "./_told_errors.ts";
import type { Addressed, Spool } from "./spool.ts";

/** A server to follow. */
export interface IngestSource {
  readonly baseUrl: string;
  readonly token: string | null;
  readonly streams: readonly StreamName[];
}

/** What ingest follows and where it writes. */
export interface IngestOptions {
  readonly sources: readonly IngestSource[];
  readonly log: EventLog;
  readonly db: Database;
  readonly topic: string;
  readonly errorTopic: string;
  readonly rules: Omit<NormalizeRules, "instance">;
  /** Where events wait while the log takes nothing; null: in memory alone. */
  readonly spool: Spool | null;
  /**
   * Says, before a server is followed, why ingest must end instead; null if it need not. If it throws
   * it could not tell, such as for want of the database, and is asked again.
   */
  readonly admit?: (server: ServerInfo) => Promise<Error | null>;
  /** Says what happens, in one line each. */
  readonly say: (level: "info" | "warn", line: string) => void;
  /** Hears of the state now and then. */
  readonly onStatus?: (status: IngestStatus) => void;
  readonly signal: AbortSignal;
  readonly follow?: Follow;
  readonly stallMs?: number;
  readonly connectMs?: number;
  readonly overlapMs?: number;
  readonly maxFill?: number;
  readonly settleMs?: number;
  readonly maxQueue?: number;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** One stream of one server. */
export interface SourceStatus {
  /** The server's domain; its base URL until it has said who it is. */
  readonly instance: string;
  readonly stream: string;
  readonly counts: IngestCounts;
  /** False until the server is reached, and once it was given up. */
  readonly isFollowed: boolean;
  /** Whether it is not tried any more, such as for a refused token. */
  readonly isGivenUp: boolean;
}

/** How ingest is doing. */
export interface IngestStatus {
  readonly sources: readonly SourceStatus[];
  /** Events in memory that the log has not taken. */
  readonly pending: number;
  /** Bytes on disk that the log has not taken. */
  readonly spooledBytes: number;
  /** Why no connection is allowed at the moment; null if they are. */
  readonly gateReason: string | null;
  /** Whether the last append succeeded. */
  readonly isLogUp: boolean;
}

/** How it ended. */
export interface IngestOutcome {
  readonly status: IngestStatus;
  /** Why servers were given up, each in one line. */
  readonly failures: readonly ServerError[];
}

/** How often positions are saved and progress is told, in ms. */
const TICK_MS = 1000;
/** Records of the log's end that are read at the start, to know what is there already. */
const TAIL_RECORDS = 50_000;
/** What any topic takes of a dead letter, in bytes or UTF-16 units. */
const SHORT = 100_000;
/** Longer than any line of ingest's own words, in UTF-16 units. */
const MAX_LINE = 1000;
/** How long the log has at the end to take what is pending, before it goes to disk, in ms. */
const FLUSH_MS = 10_000;

/**
 * Runs until the signal aborts or every server was given up; then what was received is brought to
 * the log, or to the spool.
 *
 * @throws {ServerError} if the only server cannot be used
 */
export async function runIngest(options: IngestOptions): Promise<IngestOutcome> {
  return await new Ingest(options).run();
}

/** One stream of one server, as it changes. */
interface Followed {
  readonly name: StreamName;
  instance: string;
  readonly stream: string;
  readonly counts: IngestCounts;
  isFollowed: boolean;
  isGivenUp: boolean;
}

class Ingest {
  readonly #options: IngestOptions;
  readonly #clock: Clock;
  readonly #outbox: Outbox;
  readonly #books: Bookkeeper;
  readonly #merger: Merger;
  /** What is to be followed, reached or not: who watches must see all of it. */
  readonly #followed: ReadonlyMap<IngestSource, readonly Followed[]>;
  /** Servers that are taken, from when they are known on: admitting them may take a while. */
  readonly #instances = new Set<string>();
  readonly #failures: ServerError[] = [];
  readonly #say: IngestOptions["say"];
  #isLogUp = true;
  #isDatabaseUp = true;

  constructor(options: IngestOptions) {
    const { log, db, spool, sources, clock = systemClock, maxQueue } = options;
    const secrets = sources.flatMap(({ token }) => token ?? []);
    this.#options = options;
    this.#clock = clock;
    this.#say = (level, line) => options.say(level, quoted(line, { secrets, max: MAX_LINE }));
    this.#books = new Bookkeeper(db, {
      onError: (error) => {
        if (this.#isDatabaseUp) {
          this.#say("warn", `Positions cannot be saved, trying again: ${messageOf(error)}`);
        }
        this.#isDatabaseUp = false;
      },
    });
    this.#followed = new Map(sources.map((source) => [source, entriesOf(source)]));
    this.#merger = new Merger({ instances: sources.length });
    this.#outbox = new Outbox({
      log,
      spool,
      clock,
      ...(maxQueue !== undefined && { maxQueue }),
      // Said once: it is tried again until it works.
      onAppendError: (error) => {
        if (this.#isLogUp) {
          this.#say("warn", `The log takes nothing, trying again: ${messageOf(error)}`);
        }
        this.#isLogUp = false;
      },
      onAppended: () => {
        if (!this.#isLogUp) this.#say("info", "The log takes records again");
        this.#isLogUp = true;
      },
      insteadOf: (refused, error) => this.#insteadOf(refused, error),
      onSpoolError: (error) => this.#say("warn", `Cannot write the spool: ${messageOf(error)}`),
    });
    this.#outbox.gate.onChange(() => {
      const { reason } = this.#outbox.gate;
      if (reason === null) this.#say("info", "There is room again: connecting");
      else this.#say("warn", `${reason}: disconnecting until there is`);
    });
  }

  async run(): Promise<IngestOutcome> {
    const { db, sources } = this.#options;
    const ticking = new AbortController();
    const ticks = this.#tick(ticking.signal);
    try {
      this.#books.load(await readIngestPositions(db));
      await this.#rememberPatiently();
      await this.#followAll();
    } finally {
      ticking.abort();
      await ticks;
      await this.#books.save();
    }
    const [failure] = this.#failures;
    if (failure !== undefined && sources.length === 1) throw failure;
    return { status: this.#status(), failures: this.#failures };
  }

  async #followAll(): Promise<void> {
    const { sources, signal } = this.#options;
    try {
      await Promise.all(sources.map((source) => this.#follow(source, signal)));
    } finally {
      const patience = new AbortController();
      await Promise.race([
        this.#outbox.flush(),
        this.#clock.sleep(FLUSH_MS, patience.signal),
      ]);
      patience.abort();
      await this.#outbox.stop();
    }
  }

  /** A log that is down at the start is waited for: the spool could not tell what it holds already. */
  async #rememberPatiently(): Promise<void> {
    const done = await patiently(() => this.#remember(), {
      ...this.#patience(this.#options.signal),
      mayPass: (error) => !(error instanceof MissingTopicError),
      onFirst: (error) => {
        this.#isLogUp = false;
        this.#say("warn", `The log cannot be read, trying again: ${messageOf(error)}`);
      },
    });
    if (done === null || this.#isLogUp) return;
    this.#say("info", "The log can be read again");
    this.#isLogUp = true;
  }

  #patience(signal: AbortSignal): Pick<PatienceOptions, "clock" | "random" | "signal"> {
    return { clock: this.#clock, random: this.#options.random, signal };
  }

  /** Reads the end of the log: what is in it already must not go there again. */
  async #remember(): Promise<void> {
    const { log, topic } = this.#options;
    const partitions = (await log.offsets(topic)).size;
    const perPartition = Math.ceil(TAIL_RECORDS / Math.max(1, partitions));
    for (const { value } of await readTail(log, { topic, perPartition })) {
      try {
        this.#merger.remember(decodeEvent(value));
      } catch (error) {
        // Somebody else's record: the stream buries it.
        if (!(error instanceof WireError)) throw error;
      }
    }
  }

  async #follow(source: IngestSource, signal: AbortSignal): Promise<void> {
    const entries = this.#followed.get(source) ?? [];
    try {
      const server = await this.#discover(source, signal);
      if (server === null) return;
      if (this.#instances.has(server.instance)) {
        throw new ServerError(`${source.baseUrl} is ${server.instance}, which is followed already`);
      }
      this.#instances.add(server.instance);
      await this.#admitPatiently(server, signal);
      if (signal.aborted) return;
      const ended = new AbortController();
      await Promise.all(entries.map(async (entry) => {
        try {
          await this.#followStream(
            { source, server, entry },
            AbortSignal.any([signal, ended.signal]),
          );
        } finally {
          // A token that one stream lost is lost to all.
          ended.abort();
        }
      }));
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      for (const entry of entries) entry.isGivenUp = true;
      this.#failures.push(error);
      if (this.#options.sources.length > 1) this.#say("warn", error.message);
    }
  }

  /** @throws {Error} the reason why a server must not be followed */
  async #admitPatiently(server: ServerInfo, signal: AbortSignal): Promise<void> {
    const { admit = () => Promise.resolve(null) } = this.#options;
    const answer = await patiently(() => admit(server), {
      ...this.#patience(signal),
      mayPass: () => true,
      onFirst: (error) =>
        this.#say(
          "warn",
          `Cannot tell whether ${server.instance} may be followed, trying again: ` +
            messageOf(error),
        ),
    });
    const refusal = answer?.value ?? null;
    if (refusal !== null) throw refusal;
  }

  async #followStream(
    { source, server, entry }: { source: IngestSource; server: ServerInfo; entry: Followed },
    signal: AbortSignal,
  ): Promise<void> {
    const { topic, errorTopic, rules, stallMs, overlapMs, maxFill } = this.#options;
    const { settleMs, random, connectMs, follow = followStream } = this.#options;
    const { instance } = server;
    const moving = { ...server };
    const { name: stream, stream: label, counts } = entry;
    this.#say("info", `Following ${label} of ${instance} (Mastodon ${server.version})`);
    entry.instance = instance;
    entry.isFollowed = true;
    try {
      await followSource({
        server: moving,
        token: source.token,
        stream,
        outbox: this.#outbox,
        books: this.#books,
        say: this.#say,
        signal,
        clock: this.#clock,
        intake: (push) =>
          new Intake({
            topic,
            errorTopic,
            rules: { ...rules, instance },
            merger: this.#merger,
            push,
            counts,
            now: () => this.#clock.now(),
            onServerError: toldErrors({
              instance,
              token: source.token,
              clock: this.#clock,
              tell: (line) => this.#say("warn", line),
            }),
          }),
        follow: followMoving(moving, {
          follow,
          signal,
          onMoved: () => this.#say("info", `${instance} streams at ${moving.streamingUrl} now`),
        }),
        ...(stallMs !== undefined && { stallMs }),
        ...(connectMs !== undefined && { connectMs }),
        ...(overlapMs !== undefined && { overlapMs }),
        ...(maxFill !== undefined && { maxFill }),
        ...(settleMs !== undefined && { settleMs }),
        ...(random && { random }),
      });
    } finally {
      entry.isFollowed = false;
    }
  }

  /** A record that its topic refuses becomes a dead letter, and a dead letter a short one. */
  #insteadOf({ topic, record }: Addressed, error: RecordTooLargeError): Addressed | null {
    const { errorTopic } = this.#options;
    this.#say("warn", error.message);
    if (topic !== errorTopic) {
      const letter = {
        stage: "ingest",
        reason: error.message,
        firstSeenMs: this.#clock.now(),
      } as const;
      return {
        topic: errorTopic,
        record: deadLetterRecord({ ...letter, key: null, payload: record.value }),
      };
    }
    if (record.value.length <= SHORT) return null;
    return { topic, record: { ...record, value: record.value.slice(0, SHORT) } };
  }

  /** Asks the server who it is; one that has been followed before may take its time. */
  async #discover(source: IngestSource, signal: AbortSignal): Promise<ServerInfo | null> {
    const isKnown = this.#books.knows(source.baseUrl) || this.#options.sources.length > 1;
    const found = await patiently(() => discoverServer(source.baseUrl, { signal }), {
      ...this.#patience(signal),
      mayPass: (error) => error instanceof ServerError && error.transient && isKnown,
      onFirst: (error) => this.#say("warn", `${messageOf(error)}. Trying again until it answers`),
    });
    return found?.value ?? null;
  }

  /** Whoever watches must not take a database that does not answer for the end of ingest. */
  async #tick(signal: AbortSignal): Promise<void> {
    let isSaving = false;
    while (!signal.aborted) {
      await this.#clock.sleep(TICK_MS, signal);
      if (!isSaving) {
        isSaving = true;
        this.#save().finally(() => isSaving = false);
      }
      this.#options.onStatus?.(this.#status());
    }
  }

  async #save(): Promise<void> {
    if (!await this.#books.save()) return;
    if (!this.#isDatabaseUp) this.#say("info", "Positions are saved again");
    this.#isDatabaseUp = true;
  }

  #status(): IngestStatus {
    return {
      sources: [...this.#followed.values()].flat(),
      pending: this.#outbox.pending,
      spooledBytes: this.#outbox.spooledBytes,
      gateReason: this.#outbox.gate.reason,
      isLogUp: this.#isLogUp,
    };
  }
}

/** The streams of a server that has not been reached. */
function entriesOf({ baseUrl, streams }: IngestSource): Followed[] {
  return streams.map((name) => ({
    name,
    instance: baseUrl,
    stream: streamLabel(name),
    counts: newIngestCounts(),
    isFollowed: false,
    isGivenUp: false,
  }));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
