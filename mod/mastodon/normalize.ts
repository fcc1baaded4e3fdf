/**
 * One frame of a Mastodon stream → a wire event, a skip with its reason, or a refusal with its
 * reason. Pure: the same frame and rules give the same outcome.
 *
 * @module
 */
import { type ConsentMode, mayCollect } from "./consent.ts";
import type { Pseudonymizer } from "./pseudonym.ts";
import { type CheckedStatus, statusSchema } from "./status.ts";
import { cleanJson, cleanText, htmlToText, isTooDeep } from "./text.ts";
import { firstIssue, isId, type Toot, WIRE_VERSION, type WireEvent } from "./wire.ts";

/** The largest payload that is looked into, in UTF-16 units: Kafka's default limit for a record. */
export const MAX_PAYLOAD = 1_000_000;

/** An event as the streaming server names it, with its payload still as text. */
export interface StreamFrame {
  /** `update`, `status.update`, `delete`, … */
  readonly event: string;
  /** JSON of a Status, or a bare id for `delete`. */
  readonly payload: string;
}

/** How statuses become toots. */
export interface NormalizeRules {
  /** Host of the server that was asked; ids are its own. */
  readonly instance: string;
  readonly consent: ConsentMode;
  /** Names authors; null keeps their addresses (AUTHOR_IDS=plain). */
  readonly pseudonym: Pseudonymizer | null;
  readonly keepRaw: boolean;
}

/** Why a well-formed frame is not collected. */
export type SkipReason = "boost" | "not_public" | "opted_out" | "other_event";

/** What became of a frame. */
export type Outcome =
  | { readonly kind: "event"; readonly event: WireEvent }
  | { readonly kind: "skip"; readonly reason: Exclude<SkipReason, "opted_out"> }
  /** The author wants no part in it: what is stored of theirs must go, too. */
  | {
    readonly kind: "skip";
    readonly reason: "opted_out";
    readonly id: string;
    readonly accountId: string;
    /** When the status was written or last edited, in ms. */
    readonly atMs: number;
  }
  | { readonly kind: "refuse"; readonly reason: string };

/** Events that a server may send on a user's socket and that say nothing about a public status. */
const OTHER_EVENTS = new Set([
  "notification",
  "filters_changed",
  "conversation",
  "announcement",
  "announcement.reaction",
  "announcement.delete",
  "encrypted_message",
  "notifications_merged",
]);

/**
 * Normalizes a frame.
 *
 * @example
 * ```ts
 * import { normalizeFrame } from "./normalize.ts";
 * const rules = { instance: "a.example", consent: "respect", pseudonym: null, keepRaw: false } as const;
 * const outcome = normalizeFrame({ event: "delete", payload: "17" }, rules);
 * if (outcome.kind !== "event" || outcome.event.id !== "17") throw new Error();
 * ```
 */
export function normalizeFrame(frame: StreamFrame, rules: NormalizeRules): Outcome {
  if (frame.payload.length > MAX_PAYLOAD) return refuse("Payload too large");
  switch (frame.event) {
    case "delete":
      return isId(frame.payload)
        ? event({ v: WIRE_VERSION, type: "delete", instance: rules.instance, id: frame.payload })
        : refuse("Invalid id: not an id of at most 63 bits");
    case "update":
    case "status.update":
      return normalizeStatus(frame.event, { payload: frame.payload, rules });
    default:
      return OTHER_EVENTS.has(frame.event)
        ? { kind: "skip", reason: "other_event" }
        : refuse("Unknown event name");
  }
}

function normalizeStatus(
  type: "update" | "status.update",
  { payload, rules }: { payload: string; rules: NormalizeRules },
): Outcome {
  let json: unknown;
  try {
    json = JSON.parse(payload);
  } catch {
    return refuse("Malformed JSON");
  }
  const parsed = statusSchema.safeParse(json);
  if (!parsed.success) return refuse(firstIssue(parsed.error));
  const status = parsed.data;
  if (status.reblog !== undefined && status.reblog !== null) return skip("boost");
  if (status.visibility !== "public") return skip("not_public");
  const { note, noindex, indexable } = status.account;
  const signals = { note, noindex: noindex ?? false, indexable: indexable ?? false };
  if (!mayCollect(signals, rules.consent)) {
    const { accountId } = authorOf(status, rules);
    const atMs = Date.parse(status.edited_at ?? status.created_at);
    return { kind: "skip", reason: "opted_out", id: status.id, accountId, atMs };
  }
  if (rules.keepRaw && isTooDeep(json)) return refuse("Nested too deeply");
  const toot = toToot(status, { rules, json });
  return event({ v: WIRE_VERSION, type, instance: rules.instance, id: status.id, toot });
}

function toToot(
  status: CheckedStatus,
  { rules, json }: { rules: NormalizeRules; json: unknown },
): Toot {
  const { accountId, acct } = authorOf(status, rules);
  const toot: Toot = {
    uri: uriOf(status, rules),
    created_at: status.created_at,
    edited_at: status.edited_at,
    lang: languageCode(status.language),
    account_id: accountId,
    acct,
    is_bot: status.account.bot,
    text: htmlToText(status.content),
    hashtags: hashtagNames(status.tags),
    in_reply_to_id: status.in_reply_to_id === null || status.in_reply_to_id === undefined
      ? null
      : cleanText(status.in_reply_to_id),
    visibility: "public",
    replies: status.replies_count,
    reblogs: status.reblogs_count,
    favourites: status.favourites_count,
    media: Math.min(status.media_attachments.length, 1000),
  };
  if (rules.keepRaw) {
    const raw = cleanJson(json);
    if (isRecord(raw)) toot.raw = raw;
  }
  return toot;
}

/** Under which name an author is kept; `acct` is null unless plain addresses are asked for. */
function authorOf(
  { account }: CheckedStatus,
  { instance, pseudonym }: NormalizeRules,
): { accountId: string; acct: string | null } {
  const { acct } = account;
  const address = cleanText(acct.includes("@") ? acct : `${acct}@${instance}`);
  return pseudonym === null
    ? { accountId: address, acct: address }
    : { accountId: pseudonym(address.toLowerCase()), acct: null };
}

/**
 * What identifies a status on every instance. Most servers' uris name the author, so a pseudonymous
 * one keeps its host alone: `hmac://host/…`.
 */
function uriOf({ uri }: CheckedStatus, { pseudonym }: NormalizeRules): string {
  const clean = cleanText(uri);
  if (pseudonym === null) return clean;
  // A host name has 253 characters at most; what claims more is not kept whole.
  const host = URL.canParse(clean) ? new URL(clean).host.slice(0, 253) : "";
  return `hmac://${host}/${pseudonym(clean)}`;
}

/** A language tag in lower case; `und` (ISO 639-2, undetermined) for none and for nonsense. */
function languageCode(language: string | null | undefined): string {
  const code = language?.toLowerCase() ?? "";
  return /^[a-z]{2,3}(-[a-z0-9]{1,8}){0,3}$/.test(code) ? code : "und";
}

function hashtagNames(tags: readonly { name: string }[]): string[] {
  const names = tags.map((tag) => cleanText(tag.name).normalize("NFC").toLowerCase())
    .filter((name) => name.length > 0 && name.length <= 512);
  return [...new Set(names)].slice(0, 256);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function event(event: WireEvent): Outcome {
  return { kind: "event", event };
}

function skip(reason: Exclude<SkipReason, "opted_out">): Outcome {
  return { kind: "skip", reason };
}

function refuse(reason: string): Outcome {
  return { kind: "refuse", reason };
}
