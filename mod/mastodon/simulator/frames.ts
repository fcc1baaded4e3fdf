/**
 * What the simulator plays: frames, and the port of their sources.
 *
 * @module
 */

/** What the server needs to know of a status that it plays; a whole Status has all of it. */
export interface PlayedStatus {
  readonly id: string;
  readonly visibility: string;
  readonly edited_at: string | null;
  readonly account: { readonly id: string; readonly acct: string };
  readonly tags: readonly { readonly name: string }[];
  readonly media_attachments: readonly unknown[];
  readonly reblog: object | null;
}

/** What the source meant by a frame; the ledger judges on its own and does not look at it. */
export type FrameKind =
  | "toot"
  | "late"
  | "straggler"
  | "future_dated"
  | "boost"
  | "not_public"
  | "opted_out"
  | "hostile"
  | "media_only"
  | "huge"
  | "duplicate"
  | "edit"
  | "edit_first"
  | "overtaken_update"
  | "stale_replay"
  | "delete"
  | "delete_first"
  | "update_after_delete"
  | "repeated_delete"
  | "delete_unknown"
  | "malformed"
  | "ignored"
  | "replayed_line";

/** One message to play. Either `event` with its payload, or `raw` to be sent just as it is. */
export interface SimulatorFrame {
  /** Position in the source, from 0. */
  readonly index: number;
  /** When the server sends it, in ms since the epoch of the simulated time: decides the pace only. */
  readonly at: number;
  readonly kind: FrameKind;
  /** The event's name, or `null` for a raw frame. */
  readonly event: string | null;
  /** The payload as the protocol carries it, or `null` for none. */
  readonly payload: string | null;
  /** Sent instead of an event: text, or bytes as a binary frame. */
  readonly raw?: string | Uint8Array;
  /** The status that the frame is about, if the source knows. */
  readonly statusId: string | null;
  /** What the payload holds, if it is a status that can be used. */
  readonly status?: PlayedStatus;
}

/**
 * Where frames come from. Each call of {@linkcode SimulatorSource.frames} starts again at the
 * first frame and gives the same frames.
 */
export interface SimulatorSource {
  /** For messages, such as `generator, seed 42`. */
  readonly label: string;
  frames(): Iterable<SimulatorFrame> | AsyncIterable<SimulatorFrame>;
}

/**
 * The text or bytes of a frame on a WebSocket.
 *
 * @param stream The subscription it is sent for, such as `["public"]` or `["hashtag", "cats"]`.
 * @example
 * ```ts
 * import { encodeFrame } from "./frames.ts";
 * const frame = {
 *   index: 0, at: 0, kind: "delete" as const, event: "delete", payload: "17", statusId: "17",
 * };
 * if (encodeFrame(frame, ["public"]) !== '{"stream":["public"],"event":"delete","payload":"17"}') {
 *   throw new Error("unexpected frame");
 * }
 * ```
 */
export function encodeFrame(
  frame: SimulatorFrame,
  stream: readonly string[],
): string | Uint8Array<ArrayBuffer> {
  if (typeof frame.raw === "string") return frame.raw;
  if (frame.raw !== undefined) return new Uint8Array(frame.raw);
  return JSON.stringify({
    stream,
    event: frame.event,
    ...(frame.payload === null ? {} : { payload: frame.payload }),
  });
}
