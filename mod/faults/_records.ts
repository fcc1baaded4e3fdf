import type { NewRecord } from "../log/event_log.ts";
import { parseFrame } from "../mastodon/frame.ts";
import { normalizeFrame } from "../mastodon/normalize.ts";
import { encodeFrame } from "../mastodon/simulator/frames.ts";
import { generatorSource } from "../mastodon/simulator/generator.ts";
import type { GeneratorOptions } from "../mastodon/simulator/options.ts";
import { encodeEvent } from "../mastodon/wire.ts";

const RULES = {
  instance: "pulse.example",
  consent: "respect",
  pseudonym: null,
  keepRaw: false,
} as const;

/**
 * The simulator's stream as records: toots, edits, deletes, repetitions, late ones and ones from the
 * year 2100. What ingest would refuse goes in as it is: it is poison for the stream.
 */
export function simulatedRecords(options: GeneratorOptions): NewRecord[] {
  const records: NewRecord[] = [];
  const source = generatorSource({ hugeStatuses: 0, days: 0.25, ...options });
  for (const played of source.frames()) {
    const message = encodeFrame(played, ["public"]);
    const frame = parseFrame(message);
    const outcome = frame.kind === "event" ? normalizeFrame(frame, RULES) : null;
    if (outcome === null || outcome.kind === "refuse") {
      records.push({ key: played.statusId, value: message });
    } else if (outcome.kind === "event") {
      records.push({ key: outcome.event.id, value: encodeEvent(outcome.event) });
    }
  }
  return records;
}

/** Numbers in [0, 1) that are the same for the same seed. Source: mulberry32, public domain. */
export function seeded(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
