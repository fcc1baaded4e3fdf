/**
 * The text of an event stream → events.
 * Source: https://html.spec.whatwg.org/multipage/server-sent-events.html, and what Mastodon sends:
 * `:)` first, `:thump` now and then, `event:` and `data:` lines, no ids.
 *
 * @module
 */

/** One event. */
export interface SseEvent {
  readonly event: string;
  readonly data: string;
}

/** An event may be so large, in UTF-16 units; the rest of a larger one is cut off. */
const MAX_EVENT = 16 * 1024 * 1024;

/** Takes text in any pieces. */
export class SseParser {
  #rest = "";
  #event = "";
  #data: string[] = [];
  #size = 0;

  /** The events that are complete with this piece. */
  push(text: string): SseEvent[] {
    const events: SseEvent[] = [];
    const lines = (this.#rest + text).split("\n");
    this.#rest = (lines.pop() ?? "").slice(0, MAX_EVENT);
    for (const line of lines) {
      const event = this.#line(line.endsWith("\r") ? line.slice(0, -1) : line);
      if (event !== null) events.push(event);
    }
    return events;
  }

  #line(line: string): SseEvent | null {
    if (line === "") return this.#dispatch();
    // A comment: the heartbeat.
    if (line.startsWith(":")) return null;
    const colon = line.indexOf(":");
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") this.#event = value;
    if (name === "data" && this.#size < MAX_EVENT) {
      this.#data.push(value);
      this.#size += value.length;
    }
    return null;
  }

  #dispatch(): SseEvent | null {
    const [event, data] = [this.#event, this.#data];
    this.#event = "";
    this.#data = [];
    this.#size = 0;
    return event === "" && data.length === 0 ? null : { event, data: data.join("\n") };
  }
}
