/**
 * The wire schema: what one record of topic `mastodon_stream` holds, as JSON in UTF-8. Version 1.
 *
 * ```json
 * {"v":1,"type":"update","instance":"fosstodon.org","id":"1157…","toot":{"uri":"https://…", …}}
 * {"v":1,"type":"delete","instance":"fosstodon.org","id":"1157…"}
 * {"v":1,"type":"opt_out","instance":"fosstodon.org","id":"1157…","account_id":"uK3…"}
 * ```
 *
 * Ids stay strings: they have up to 64 bits, and a JavaScript number holds 53.
 *
 * @module
 */
import { z } from "zod";
import { isSurelyEvent, type WireLimits } from "./_wire_guard.ts";
import { cleanJson, isTooDeep, utf8Length } from "./text.ts";

/** The version that this code writes; {@linkcode decodeEvent} refuses others. */
export const WIRE_VERSION = 1;

/** The largest id that PostgreSQL's `bigint` holds, 2^63 - 1. */
const MAX_ID = "9223372036854775807";

/** Whether `id` is a decimal number from 0 to 2^63 - 1, without leading zeros. */
export function isId(id: string): boolean {
  if (!/^(0|[1-9]\d{0,18})$/.test(id)) return false;
  return id.length < MAX_ID.length || id <= MAX_ID;
}

/**
 * Whether a text is a date that both `Date` and PostgreSQL can hold and that fits the four digits of
 * ISO 8601's years.
 */
export function isInstant(text: string): boolean {
  const ms = Date.parse(text);
  return ms >= 0 && ms < Date.UTC(10_000, 0);
}

/** The longest `uri`, in bytes: it is indexed, and a B-tree entry holds 2,704 bytes at most. */
export const MAX_URI_BYTES = 2048;

/** The longest address: a status's `acct`, `@` and a host name. */
const MAX_ADDRESS = 512 + 1 + 253;

const instant = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)
  .refine(isInstant, "not a date between 1970 and 9999");
/** A `uri` that can be stored. */
export const uriText = z.string().min(1).max(MAX_URI_BYTES)
  .refine((uri) => utf8Length(uri) <= MAX_URI_BYTES, `longer than ${MAX_URI_BYTES} bytes`);
const count = z.number().int().min(0).max(2_147_483_647);

/** A status reduced to what the pipeline uses: plain text, a pseudonymous author, counts. */
export const tootSchema = z.object({
  /** Global identity of the status, the same on every instance. */
  uri: uriText,
  /** When the author's server says it was written, ISO 8601 in UTC with milliseconds. */
  created_at: instant,
  /** When it was last edited; null if never. The newest wins, whatever the order of arrival. */
  edited_at: instant.nullable(),
  /** Language code in lower case, `und` if unknown. */
  lang: z.string().min(1).max(35),
  /** Keyed hash of the author's address, or the address itself with AUTHOR_IDS=plain. */
  account_id: z.string().min(1).max(MAX_ADDRESS),
  /** The author's address; null unless AUTHOR_IDS=plain. */
  acct: z.string().max(MAX_ADDRESS).nullable(),
  is_bot: z.boolean(),
  /** Plain text of the content; empty for media only. */
  text: z.string().max(1_000_000),
  /** Lower case, without `#`, each once. */
  hashtags: z.array(z.string().min(1).max(512)).max(256),
  in_reply_to_id: z.string().max(64).nullable(),
  visibility: z.string().max(32),
  replies: count,
  reblogs: count,
  favourites: count,
  media: count,
  /** The status as the server sent it, with KEEP_RAW=true. */
  raw: z.record(z.string(), z.unknown())
    .refine((raw) => !isTooDeep(raw), "nested too deeply").optional(),
});

/** See {@linkcode tootSchema}. */
export type Toot = z.output<typeof tootSchema>;

const id = z.string().refine(isId, "not an id of at most 63 bits");
const instance = z.string().min(1).max(253);

/** The schema as zod checks it; {@linkcode decodeEvent} asks a faster guard first. */
export const eventSchema = z.discriminatedUnion("type", [
  z.object({
    v: z.literal(WIRE_VERSION),
    type: z.enum(["update", "status.update"]),
    instance,
    id,
    toot: tootSchema,
  }),
  z.object({ v: z.literal(WIRE_VERSION), type: z.literal("delete"), instance, id }),
  z.object({
    v: z.literal(WIRE_VERSION),
    type: z.literal("opt_out"),
    instance,
    /** The status that told of it. */
    id,
    account_id: tootSchema.shape.account_id,
  }),
]);

/** One event of a public stream. */
export type WireEvent = z.output<typeof eventSchema>;

/** An event that brings a toot. */
export type TootEvent = Extract<WireEvent, { toot: unknown }>;

/** A record that is not an event of this wire schema; the message says why. */
export class WireError extends Error {
  override readonly name = "WireError";
}

/** The JSON text of an event. */
export function encodeEvent(event: WireEvent): string {
  return JSON.stringify(event);
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads an event from a record's bytes.
 *
 * @throws {WireError} if the bytes are not UTF-8, not JSON, or not an event
 * @example
 * ```ts
 * import { decodeEvent, encodeEvent } from "./wire.ts";
 * const json = encodeEvent({ v: 1, type: "delete", instance: "a.example", id: "12" });
 * if (decodeEvent(new TextEncoder().encode(json)).id !== "12") throw new Error();
 * ```
 */
export function decodeEvent(bytes: Uint8Array): WireEvent {
  const json = parseJson(bytes);
  if (isEvent(json)) return json;
  const parsed = eventSchema.safeParse(json);
  if (!parsed.success) throw new WireError(firstIssue(parsed.error));
  return parsed.data;
}

const limits: WireLimits = {
  version: WIRE_VERSION,
  maxAddress: MAX_ADDRESS,
  maxUriBytes: MAX_URI_BYTES,
  isId,
  isInstant,
};

/** The guard narrows here, where a property test beside this file holds it to the schema. */
function isEvent(json: unknown): json is WireEvent {
  return isSurelyEvent(json, limits);
}

function parseJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new WireError("Not UTF-8");
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new WireError("Malformed JSON");
  }
  // NUL and lone surrogates can only come in as escapes: valid UTF-8 holds no surrogate, and JSON no
  // bare control character.
  if (!text.includes("\\u")) return json;
  if (isTooDeep(json)) throw new WireError("Nested too deeply");
  return cleanJson(json);
}

/** One line for the first thing that is wrong. */
export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return "Invalid";
  const place = issue.path.map(String).join(".") || "the whole";
  return `Invalid ${place}: ${issue.message}`;
}
