/**
 * Frames that no reader can use, one for each way to be broken.
 *
 * @module
 */
import type { Status } from "../entities.ts";

/** What a broken frame consists of. */
export interface MalformedParts {
  readonly event: string | null;
  readonly payload: string | null;
  readonly raw?: string | Uint8Array;
}

/** Each breaks a good status in its own way; the generator takes them in turn. */
export const MALFORMED: readonly ((status: Status) => MalformedParts)[] = [
  () => raw('{"stream":["public"],"event":"update","payload":"{'),
  () => raw("Bad Gateway"),
  () => raw("[1,2,3]"),
  () => raw("null"),
  () => raw('{"stream":["public"],"payload":"{}"}'),
  () => raw(new Uint8Array([0xde, 0xad, 0xbe, 0xef, 0x00, 0xff])),
  (status) => ({ event: "status.exploded", payload: JSON.stringify(status) }),
  (status) => ({ event: "__proto__", payload: JSON.stringify(status) }),
  (status) => update(JSON.stringify(status).slice(0, -40)),
  () => update(""),
  () => ({ event: "update", payload: null }),
  () => update("null"),
  () => update('"a string"'),
  () => update("[]"),
  (status) => changed(status, { id: undefined }),
  (status) => changed(status, { id: null }),
  (status) => changed(status, { id: "18446744073709551616" }),
  (status) => changed(status, { id: "123456789012345678901234567890" }),
  (status) => changed(status, { id: "12ab\u0000" }),
  (status) => changed(status, { id: "" }),
  (status) => changed(status, { created_at: undefined }),
  (status) => changed(status, { created_at: null }),
  (status) => changed(status, { created_at: "yesterday" }),
  (status) => changed(status, { created_at: "2026-13-45T99:00:00.000Z" }),
  (status) => ({
    event: "status.update",
    payload: JSON.stringify({ ...status, edited_at: "not a date" }),
  }),
  () => ({ event: "delete", payload: "99999999999999999999999999" }),
  () => ({ event: "delete", payload: "all of them" }),
  () => ({ event: "delete", payload: "" }),
];

function raw(message: string | Uint8Array): MalformedParts {
  return { event: null, payload: null, raw: message };
}

function update(payload: string): MalformedParts {
  return { event: "update", payload };
}

/** A status with fields replaced, or left out if `undefined`. */
function changed(status: Status, fields: Readonly<Record<string, unknown>>): MalformedParts {
  return update(JSON.stringify({ ...status, ...fields }));
}
