/** How bad a log line is. */
export type LogLevel = "debug" | "info" | "warning" | "error";

/** Takes the lines that a log has to say. */
export type LogCallback = (level: LogLevel, message: string) => void;

/** How long the same complaint is not said again, in ms. */
const REPEAT_AFTER_MS = 60_000;
/** How many different complaints are remembered. */
const MAX_REMEMBERED = 100;

/** Says each outage of a broker once when it begins and once when it ends. */
export class Outages {
  readonly #log: LogCallback;
  readonly #now: () => number;
  readonly #down = new Map<string, number>();
  readonly #said = new Map<string, number>();
  #muted = false;

  constructor(log: LogCallback, now: () => number = () => performance.now()) {
    this.#log = log;
    this.#now = now;
  }

  /** A broker does not answer. */
  failed(broker: string, why: string): void {
    if (this.#muted || this.#down.has(broker)) return;
    this.#down.set(broker, this.#now());
    this.#log("warning", `Kafka at "${broker}" does not answer (${why}): trying until it does`);
  }

  /** A broker answered. */
  answered(broker: string): void {
    const since = this.#down.get(broker);
    if (since === undefined) return;
    this.#down.delete(broker);
    if (this.#muted) return;
    const seconds = ((this.#now() - since) / 1000).toFixed(1);
    this.#log("info", `Kafka at "${broker}" answers again after ${seconds} s`);
  }

  /** Something else is wrong: said once a minute at most. */
  complain(message: string): void {
    const last = this.#said.get(message);
    if (this.#muted || (last !== undefined && this.#now() - last < REPEAT_AFTER_MS)) return;
    if (this.#said.size >= MAX_REMEMBERED) this.#said.clear();
    this.#said.set(message, this.#now());
    this.#log("warning", message);
  }

  /** Whether a broker is known to be away. */
  get any(): boolean {
    return this.#down.size > 0;
  }

  /** Says nothing from now on: what fails while the log closes is of no interest. */
  mute(): void {
    this.#muted = true;
  }
}
