/**
 * Reads a frame as the protocol defines it, for the ledger alone: the simulator must not share the
 * judgement of the pipeline that it tests.
 *
 * @module
 */
import type { SimulatorFrame } from "./frames.ts";
import { isRecord, parseJson } from "./_guard.ts";
import type { MalformedReason } from "./ledger_types.ts";

/** A status reduced to what decides its fate. */
export interface JudgedStatus {
  readonly type: "status";
  readonly id: string;
  readonly createdAt: number;
  readonly editedAt: number | null;
  readonly language: string | null;
  readonly accountId: string;
  readonly boost: boolean;
  readonly isPublic: boolean;
  readonly optedOut: boolean;
  readonly payload: string;
}

export type Judgement =
  | JudgedStatus
  | { readonly type: "delete"; readonly id: string }
  | { readonly type: "malformed"; readonly reason: MalformedReason }
  | { readonly type: "ignored" }
  | { readonly type: "error" };

/** Events of https://docs.joinmastodon.org/methods/streaming/#events that carry no toot. */
const OTHER_EVENTS: ReadonlySet<string> = new Set([
  "filters_changed",
  "notification",
  "conversation",
  "announcement",
  "announcement.reaction",
  "announcement.delete",
  "encrypted_message",
  "notifications_merged",
]);

/** A bio's hashtag that opts out, as a whole tag in whatever case. */
const OPT_OUT_TAG = /#(?:nobots?|noindex|nosearch)(?![\p{L}\p{M}\p{N}_])/iu;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)$/;
/** Ids live in a signed 64-bit column. */
const MAX_ID = 2n ** 63n - 1n;

export function judge(
  frame: Pick<SimulatorFrame, "event" | "payload" | "raw">,
  options: { consent: "respect" | "strict"; maxPayload: number },
): Judgement {
  if (frame.raw !== undefined) return judgeRaw(frame.raw, options);
  const { event, payload } = frame;
  if (event === null) return malformed("bad_frame");
  if (OTHER_EVENTS.has(event)) return { type: "ignored" };
  if (event === "delete") {
    return isId(payload) ? { type: "delete", id: payload } : malformed("bad_id");
  }
  if (event !== "update" && event !== "status.update") return malformed("unknown_event");
  if (payload === null) return malformed("payload_not_json");
  if (payload.length > options.maxPayload) return malformed("too_large");
  const value = parseJson(payload);
  if (value === undefined) return malformed("payload_not_json");
  return judgeStatus(value, { payload, strict: options.consent === "strict" });
}

function judgeRaw(
  raw: string | Uint8Array,
  options: { consent: "respect" | "strict"; maxPayload: number },
): Judgement {
  if (typeof raw !== "string") return malformed("binary_frame");
  const value = parseJson(raw);
  if (!isRecord(value)) return malformed("bad_frame");
  if (typeof value["error"] === "string") return { type: "error" };
  if (typeof value["event"] !== "string") return malformed("bad_frame");
  const payload = typeof value["payload"] === "string" ? value["payload"] : null;
  return judge({ event: value["event"], payload }, options);
}

function judgeStatus(
  value: unknown,
  options: { payload: string; strict: boolean },
): Judgement {
  if (!isRecord(value)) return malformed("not_a_status");
  const { id, created_at, edited_at = null, account, content, visibility, language } = value;
  if (
    !isRecord(account) || typeof account["id"] !== "string" || typeof content !== "string" ||
    typeof visibility !== "string"
  ) return malformed("not_a_status");
  if (!isId(id)) return malformed("bad_id");
  const createdAt = instant(created_at);
  const editedAt = edited_at === null ? null : instant(edited_at);
  if (createdAt === undefined || editedAt === undefined) return malformed("bad_date");
  return {
    type: "status",
    id,
    createdAt,
    editedAt,
    language: typeof language === "string" ? language : null,
    accountId: account["id"],
    boost: isRecord(value["reblog"]),
    isPublic: visibility === "public",
    optedOut: hasOptedOut(account, options.strict),
    payload: options.payload,
  };
}

function hasOptedOut(account: Record<string, unknown>, strict: boolean): boolean {
  if (account["noindex"] === true) return true;
  if (strict && account["indexable"] !== true) return true;
  const note = account["note"];
  // A hashtag's "#" and its name may sit in different elements.
  return typeof note === "string" &&
    OPT_OUT_TAG.test(
      note.replaceAll(/<[^>]*>/g, (tag) => /^<\/?(?:p|br|div|li)\b/i.test(tag) ? " " : ""),
    );
}

function isId(value: unknown): value is string {
  return typeof value === "string" && /^\d{1,19}$/.test(value) && BigInt(value) <= MAX_ID;
}

function instant(value: unknown): number | undefined {
  if (typeof value !== "string" || !INSTANT.test(value)) return undefined;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : time;
}

function malformed(reason: MalformedReason): Judgement {
  return { type: "malformed", reason };
}
