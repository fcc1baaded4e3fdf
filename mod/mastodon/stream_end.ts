/**
 * One connection to a streaming API, whatever carries it.
 *
 * @module
 */
import type { StreamName } from "./stream_name.ts";

/** What one connection needs. */
export interface FollowOptions {
  /** From `ServerInfo`. */
  readonly streamingUrl: string;
  /** A user token; null for servers that ask for none. */
  readonly token: string | null;
  readonly stream: StreamName;
  /** Called for each frame, as it came. Must return at once. */
  readonly onFrame: (data: string | Uint8Array) => void;
  /** Called when the connection is open and the subscription has been sent. */
  readonly onOpen?: () => void;
  /** Ends the connection. */
  readonly signal: AbortSignal;
}

/** Why a connection ended. */
export interface StreamEnd {
  /** Whether the connection was ever open. */
  readonly opened: boolean;
  /** In words, for the log: never holds the token. */
  readonly detail: string;
  /** The HTTP status that refused it; null if there was none. */
  readonly status: number | null;
  /** How long the server asks to wait, in ms; null if it does not say. */
  readonly retryAfterMs: number | null;
}

/** Follows a stream until the connection ends, for whatever reason; never throws. */
export type Follow = (options: FollowOptions) => Promise<StreamEnd>;
