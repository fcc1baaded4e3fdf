/**
 * Records on disk that the log does not take yet: in order, bounded, and still there after a crash.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { turns } from "../async/turns.ts";
import { type Addressed, decodeLine, encodeLine } from "./_spool_line.ts";

export type { Addressed } from "./_spool_line.ts";

/** A segment that is larger is followed by a new one, in bytes. */
const SEGMENT_BYTES = 4 * 1024 * 1024;

const SEGMENT_NAME = /^\d{10}\.ndjson$/;

const acknowledgement = z.object({
  segment: z.string().regex(SEGMENT_NAME),
  records: z.number().int().min(0),
});
const encoder = new TextEncoder();

interface Segment {
  readonly name: string;
  bytes: number;
}

/** What is being read: the oldest segment, and how many of its records are done with. */
interface Reading {
  readonly segment: Segment;
  readonly records: readonly Addressed[];
  done: number;
}

/**
 * A queue in a folder, of one process at a time. What {@linkcode Spool.append} has taken is on disk;
 * what {@linkcode Spool.drop} has dropped does not come again, except for what a crash of the
 * machine undoes.
 *
 * @example
 * ```ts
 * import { Spool } from "./spool.ts";
 * const folder = await Deno.makeTempDir();
 * const spool = await Spool.open(folder, { maxBytes: 1_000_000 });
 * await spool.append([{ topic: "t", record: { key: "1", value: "one" } }]);
 * const [first] = await spool.peek(10);
 * if (first?.record.value !== "one") throw new Error();
 * await spool.drop(1);
 * if (!spool.isEmpty) throw new Error();
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export class Spool {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #segments: Segment[];
  #reading: Reading | null = null;
  #writing: { readonly segment: Segment; readonly file: Deno.FsFile } | null = null;
  #nextNumber: number;
  /** Records of the oldest segment that an earlier process was done with. */
  #doneBefore: number;
  /** One operation at a time touches the files. */
  readonly #inTurn = turns();

  private constructor(
    folder: string,
    { maxBytes, segments, done, nextNumber }: {
      maxBytes: number;
      segments: Segment[];
      done: number;
      nextNumber: number;
    },
  ) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.#segments = segments;
    this.#doneBefore = done;
    this.#nextNumber = nextNumber;
  }

  /** Opens a folder, with what an earlier process left in it. */
  static async open(folder: string, { maxBytes }: { maxBytes: number }): Promise<Spool> {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    const segments: Segment[] = [];
    for await (const { name, isFile } of Deno.readDir(folder)) {
      if (!isFile || !SEGMENT_NAME.test(name)) continue;
      segments.push({ name, bytes: (await Deno.stat(join(folder, name))).size });
    }
    segments.sort((a, b) => a.name < b.name ? -1 : 1);
    const ack = await readAcknowledgement(join(folder, "done.json"));
    const done = ack !== null && ack.segment === segments[0]?.name ? ack.records : 0;
    // Behind the acknowledged segment as well, though it may be gone: under its name, what is
    // written from now on would count as done with.
    const last = Math.max(numberOf(segments.at(-1)?.name), numberOf(ack?.segment));
    return new Spool(folder, { maxBytes, segments, done, nextNumber: last + 1 });
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get isEmpty(): boolean {
    return this.#segments.length === 0;
  }

  /**
   * Writes records behind those that are there, and waits until they are on disk. False, and
   * nothing is written, if there is no room for all of them.
   *
   * @throws {Error} if the disk is full or cannot be written; none of the records counts as taken
   */
  append(records: readonly Addressed[]): Promise<boolean> {
    return this.#inTurn(() => this.#append(records));
  }

  async #append(records: readonly Addressed[]): Promise<boolean> {
    if (records.length === 0) return true;
    const bytes = encoder.encode(records.map(encodeLine).join(""));
    if (this.bytes + bytes.length > this.#maxBytes) return false;
    const { segment, file } = await this.#writable();
    try {
      for (let sent = 0; sent < bytes.length;) sent += await file.write(bytes.subarray(sent));
      await file.syncData();
    } catch (error) {
      // Half of it may be there: what follows must not be glued to it.
      await file.truncate(segment.bytes).catch(() => {});
      await file.seek(segment.bytes, Deno.SeekMode.Start).catch(() => {});
      throw error;
    }
    segment.bytes += bytes.length;
    return true;
  }

  /** The oldest records, at most so many; none only if there are none at all. */
  peek(limit: number): Promise<readonly Addressed[]> {
    return this.#inTurn(() => this.#peek(limit));
  }

  async #peek(limit: number): Promise<readonly Addressed[]> {
    for (;;) {
      const reading = this.#reading ?? await this.#startReading();
      if (reading === null) return [];
      if (reading.done < reading.records.length) {
        return reading.records.slice(reading.done, reading.done + limit);
      }
      await this.#remove(reading.segment);
    }
  }

  /**
   * Is done with the oldest records, for as long as it is open even if it throws.
   *
   * @throws {Error} if the disk cannot be told: opened again, it would give them again
   */
  drop(count: number): Promise<void> {
    return this.#inTurn(() => this.#drop(count));
  }

  async #drop(count: number): Promise<void> {
    for (let rest = count; rest > 0;) {
      const reading = this.#reading ?? await this.#startReading();
      if (reading === null) return;
      const step = Math.min(rest, reading.records.length - reading.done);
      reading.done += step;
      rest -= step;
      if (reading.done >= reading.records.length) await this.#remove(reading.segment);
      else await this.#acknowledge(reading);
    }
  }

  /** Closes its files; what it holds stays. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inTurn(() => Promise.resolve(this.#closeWriting()));
  }

  #closeWriting(): void {
    this.#writing?.file.close();
    this.#writing = null;
  }

  async #writable(): Promise<{ segment: Segment; file: Deno.FsFile }> {
    if (this.#writing !== null && this.#writing.segment.bytes < SEGMENT_BYTES) return this.#writing;
    this.#closeWriting();
    const name = `${String(this.#nextNumber++).padStart(10, "0")}.ndjson`;
    const file = await Deno.open(join(this.#folder, name), {
      write: true,
      createNew: true,
      mode: 0o600,
    });
    const segment = { name, bytes: 0 };
    this.#segments.push(segment);
    return this.#writing = { segment, file };
  }

  async #startReading(): Promise<Reading | null> {
    const [segment] = this.#segments;
    if (segment === undefined) return null;
    // What is being read grows no more.
    if (this.#writing?.segment === segment) this.#closeWriting();
    const text = await Deno.readTextFile(join(this.#folder, segment.name));
    // A crash while writing leaves half a line at the end, which was never promised to anybody.
    const records = text.split("\n").map(decodeLine).filter((record) => record !== null);
    this.#reading = { segment, records, done: Math.min(this.#doneBefore, records.length) };
    this.#doneBefore = 0;
    return this.#reading;
  }

  async #remove(segment: Segment): Promise<void> {
    // Forgotten only once it is gone: read again it would give what is done with.
    await Deno.remove(join(this.#folder, segment.name));
    this.#reading = null;
    this.#segments.shift();
  }

  async #acknowledge({ segment, done }: Reading): Promise<void> {
    const path = join(this.#folder, "done.json");
    const text = JSON.stringify({ segment: segment.name, records: done });
    await Deno.writeTextFile(`${path}.new`, text, { mode: 0o600 });
    await Deno.rename(`${path}.new`, path);
  }
}

function numberOf(segmentName = "0"): number {
  return Number.parseInt(segmentName, 10);
}

async function readAcknowledgement(path: string) {
  try {
    return acknowledgement.parse(JSON.parse(await Deno.readTextFile(path)));
  } catch {
    // None yet, or not to be read: records may come twice, and are recognised.
    return null;
  }
}
