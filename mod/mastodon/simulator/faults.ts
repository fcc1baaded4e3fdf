/**
 * Faults that the simulator injects on purpose.
 *
 * @module
 */

/** A fault. Times are in ms of the real clock. */
export type Fault =
  /** Cuts every streaming connection without a close frame; `midFrame` in the middle of a message. */
  | { readonly kind: "cut"; readonly midFrame?: boolean }
  /** Connections stay open but nothing comes through any more, in either direction. */
  | { readonly kind: "silence" }
  /** No events for a while; connections, pings and `:thump` go on. */
  | { readonly kind: "quiet"; readonly ms: number }
  /** An error frame in band; the socket stays open. */
  | { readonly kind: "error"; readonly error?: string; readonly status?: number }
  /** Refuses requests for a while and cuts the open streams, unless `cut` is false. */
  | {
    readonly kind: "refuse";
    readonly status: 401 | 403 | 429 | 500 | 502 | 503;
    readonly ms: number;
    /** Sent as `Retry-After`, in seconds. */
    readonly retryAfter?: number;
    /** @default "all" */
    readonly paths?: "streaming" | "rest" | "all";
    /** @default true */
    readonly cut?: boolean;
  }
  /** Revokes the token: open streams end in an orderly way, later requests get 401. */
  | { readonly kind: "revoke"; readonly restoreAfterMs?: number }
  /** Cuts, and sends the last frames once more to the first who subscribes again. */
  | { readonly kind: "replay"; readonly frames: number }
  /** Sets the server's clock off: the `Date` header and rate limits. */
  | { readonly kind: "skew"; readonly ms: number };

/** When a fault fires: before the source's frame with this index. */
export interface FaultStep {
  readonly at: number;
  readonly fault: Fault;
}
