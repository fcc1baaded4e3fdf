import RequestQueue from "kafkajs/src/network/requestQueue/index.js";

/**
 * kafkajs 2.2.4 sets a timer of a negative length after every response of an idle connection, and
 * again when it fires: a warning in the log and a thousand wake-ups a second for nothing (measured:
 * 2.4% of a core for one producer). The timer is only needed while requests wait to be sent.
 * Source: https://github.com/tulios/kafkajs/issues/1704
 */
export function quietIdleConnections(): void {
  const prototype: unknown = RequestQueue?.prototype;
  if (!isQueuePrototype(prototype) || patched.has(prototype)) return;
  patched.add(prototype);
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: WaitingRequests) {
    if (this.pending.length > 0) schedule.call(this);
  };
}

const patched = new WeakSet<object>();

interface WaitingRequests {
  readonly pending: readonly unknown[];
}

interface QueuePrototype {
  scheduleCheckPendingRequests(this: WaitingRequests): void;
}

function isQueuePrototype(value: unknown): value is QueuePrototype {
  return typeof value === "object" && value !== null &&
    "scheduleCheckPendingRequests" in value &&
    typeof value.scheduleCheckPendingRequests === "function";
}
