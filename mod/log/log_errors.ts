/**
 * What can be wrong with a log beyond what the port itself names. Each message is one line that says
 * what is wrong and what to do.
 *
 * @module
 */

/**
 * The log cannot be reached, or does not let us in: its message says why and how to mend it.
 *
 * @example
 * ```ts
 * import { LogUnreachableError } from "./log_errors.ts";
 * const error = new LogUnreachableError('Kafka does not answer at "a:9092": start it');
 * if (!(error instanceof Error)) throw new TypeError();
 * ```
 */
export class LogUnreachableError extends Error {
  override readonly name = "LogUnreachableError";
}

/**
 * A record is larger than its topic takes. Trying again is of no use.
 *
 * @example
 * ```ts
 * import { RecordTooLargeError } from "./log_errors.ts";
 * const error = new RecordTooLargeError("mastodon_stream", 2_000_000);
 * if (!error.message.includes("2000000 bytes")) throw error;
 * ```
 */
export class RecordTooLargeError extends Error {
  override readonly name = "RecordTooLargeError";
  constructor(topic: string, bytes: number) {
    super(
      `A record of ${bytes} bytes is larger than topic "${topic}" takes: raise the topic's ` +
        "max.message.bytes or leave the record out",
    );
  }
}

/**
 * A stored position lies beyond the end of its partition: the topic was deleted and made anew, or
 * the log lost records. To read on would pass over records, so somebody must decide.
 *
 * @example
 * ```ts
 * import { PositionBeyondEndError } from "./log_errors.ts";
 * const error = new PositionBeyondEndError("mastodon_stream", { partition: 0, next: 9, end: 4 });
 * if (!error.message.includes("offset 9")) throw error;
 * ```
 */
export class PositionBeyondEndError extends Error {
  override readonly name = "PositionBeyondEndError";
  constructor(topic: string, position: { partition: number; next: number; end: number }) {
    super(
      `The stored position of topic "${topic}" partition ${position.partition} is offset ` +
        `${position.next}, but the log ends at ${position.end}: the topic is not the one that was ` +
        "read before; use an empty database, or delete the topic's rows of masto.stream_progress",
    );
  }
}
