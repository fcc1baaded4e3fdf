/**
 * Frames of the streaming API: `{"stream":[…],"event":"…","payload":"…"}`, or an error in band.
 * Source: https://docs.joinmastodon.org/methods/streaming/
 *
 * @module
 */
import { z } from "zod";
import { MAX_PAYLOAD, type StreamFrame } from "./normalize.ts";

/** The largest frame that is parsed, in UTF-16 units: the payload doubles in escapes at worst. */
const MAX_FRAME = 2 * MAX_PAYLOAD + 1000;

const errorFrame = z.object({ error: z.string(), status: z.number().optional() });
const eventFrame = z.object({ event: z.string().max(200), payload: z.string().optional() });

/** What a frame is. */
export type ParsedFrame =
  | ({ readonly kind: "event" } & StreamFrame)
  | { readonly kind: "error"; readonly message: string; readonly status: number | null }
  | { readonly kind: "malformed"; readonly reason: string };

/**
 * Parses a frame; never throws.
 *
 * @example
 * ```ts
 * import { parseFrame } from "./frame.ts";
 * const frame = parseFrame('{"stream":["public"],"event":"delete","payload":"12"}');
 * if (frame.kind !== "event" || frame.payload !== "12") throw new Error();
 * ```
 */
export function parseFrame(data: string | Uint8Array): ParsedFrame {
  if (typeof data !== "string") return { kind: "malformed", reason: "Binary frame" };
  if (data.length > MAX_FRAME) return { kind: "malformed", reason: "Payload too large" };
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch {
    return { kind: "malformed", reason: "Malformed JSON" };
  }
  const event = eventFrame.safeParse(json);
  if (event.success) {
    return { kind: "event", event: event.data.event, payload: event.data.payload ?? "" };
  }
  const error = errorFrame.safeParse(json);
  if (error.success) {
    return { kind: "error", message: error.data.error, status: error.data.status ?? null };
  }
  return { kind: "malformed", reason: "Not a frame of the streaming API" };
}
