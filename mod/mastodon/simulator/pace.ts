/**
 * How fast frames are played.
 *
 * @module
 */

/**
 * - `max`: as fast as the clients take them;
 * - `rate`: so many frames a second of real time;
 * - `speed`: so many times the simulated time.
 */
export type Pace = "max" | { readonly rate: number } | { readonly speed: number };

/**
 * When a frame is due, by the pace and the frames before it.
 *
 * @example
 * ```ts
 * import { Pacer } from "./pace.ts";
 * const pacer = new Pacer({ speed: 10 });
 * pacer.dueIn({ at: 0, now: 5000 });
 * if (pacer.dueIn({ at: 1000, now: 5000 }) !== 100) throw new Error("1 s at tenfold speed");
 * ```
 */
export class Pacer {
  readonly #pace: Pace;
  #origin: { readonly now: number; readonly at: number } | null = null;
  #frames = 0;

  /** @throws {RangeError} If the rate or speed is not a positive number. */
  constructor(pace: Pace) {
    if (pace !== "max") {
      const [name, value] = "rate" in pace ? ["rate", pace.rate] : ["speed", pace.speed];
      if (!(value > 0 && value < Infinity)) {
        throw new RangeError(`Cannot play at ${name} ${value}: give a positive number`);
      }
    }
    this.#pace = pace;
  }

  /** Starts anew with the next frame: what was missed in a pause is not made up for. */
  rest(): void {
    this.#origin = null;
  }

  /** How long to wait for a frame, in ms; at most 0 if it is due. Call it once a frame. */
  dueIn(frame: { readonly at: number; readonly now: number }): number {
    if (this.#pace === "max") return 0;
    if (this.#origin === null) {
      this.#origin = frame;
      this.#frames = 0;
    }
    const passed = "rate" in this.#pace
      ? (this.#frames++ / this.#pace.rate) * 1000
      : (frame.at - this.#origin.at) / this.#pace.speed;
    return this.#origin.now + passed - frame.now;
  }
}
