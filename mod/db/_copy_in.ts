// @ts-types="npm:@types/pg@8.23.1"
import pg from "pg";

/** Marks CopyData, which is followed by its length. */
const COPY_DATA = 0x64;
/** CopyDone, whole. */
const COPY_DONE = new Uint8Array([0x63, 0, 0, 0, 4]);

/**
 * A `COPY … FROM STDIN` whose data goes out with the statement, unasked: a server that refuses the
 * statement passes over the data, so there is no need to wait for it to agree.
 * Source: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY
 */
export class CopyIn extends pg.Query {
  /** Resolves when the rows are in; rejects with the statement's error. */
  readonly done: Promise<void>;
  readonly #statement: string;
  readonly #payload: Uint8Array;

  constructor(statement: string, payload: Uint8Array) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    super(statement, (error) => error ? reject(error) : resolve());
    this.done = promise;
    this.#statement = statement;
    this.#payload = payload;
  }

  override submit = (connection: pg.Connection): void => {
    const { stream } = connection;
    const head = new Uint8Array(5);
    head[0] = COPY_DATA;
    new DataView(head.buffer).setInt32(1, 4 + this.#payload.length);
    stream.cork();
    connection.query(this.#statement);
    stream.write(head);
    stream.write(this.#payload);
    stream.write(COPY_DONE);
    stream.uncork();
  };

  /** The data is on its way. */
  handleCopyInResponse(): void {}
}
