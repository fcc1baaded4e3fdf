/**
 * Reads raw lines of a recording for {@linkcode import("./_recount.ts").recount}: written again from
 * the documentation, so that a mistake of the pipeline is not repeated here.
 *
 * @module
 */
import { z } from "zod";
import { htmlToText } from "../mastodon/text.ts";
import { simpleText } from "./_simple_text.ts";

/** A status that counts as a toot. */
export interface RawToot {
  readonly id: string;
  readonly uri: string;
  readonly createdMs: number;
  readonly editedMs: number | null;
  readonly lang: string;
  /** `user@host`, in lower case. */
  readonly author: string;
  readonly text: string;
  readonly hashtags: readonly string[];
}

/** What a line is: a toot, or what it is counted as. */
export type RawLine =
  | { readonly kind: "toot"; readonly toot: RawToot }
  | { readonly kind: "deadLetters" | "boosts" | "notPublic" | "optedOut" };

/** The longest payload that is read, in UTF-16 units. */
const LONGEST = 1_000_000;
const MAX_ID = 9_223_372_036_854_775_807n;

const anyStatus = z.looseObject({
  id: z.string(),
  uri: z.string().min(1),
  created_at: z.string(),
  edited_at: z.string().nullish(),
  content: z.string(),
  visibility: z.string(),
  reblog: z.unknown(),
  language: z.unknown(),
  tags: z.unknown(),
  account: z.looseObject({ acct: z.string().min(1), note: z.unknown(), noindex: z.unknown() }),
});
const tagList = z.array(z.looseObject({ name: z.string() }));

/** Reads a line that came as the payload of an `update` from `domain`. */
export function readLine(line: string, domain: string): RawLine {
  if (line.length > LONGEST) return { kind: "deadLetters" };
  const { data: status } = anyStatus.safeParse(parse(line));
  if (status === undefined || !isId(status.id)) return { kind: "deadLetters" };
  const createdMs = Date.parse(status.created_at);
  const editedMs = typeof status.edited_at === "string" ? Date.parse(status.edited_at) : null;
  if (Number.isNaN(createdMs) || Number.isNaN(editedMs)) return { kind: "deadLetters" };
  if (typeof status.reblog === "object" && status.reblog !== null) return { kind: "boosts" };
  if (status.visibility !== "public") return { kind: "notPublic" };
  if (hasOptedOut(status.account)) return { kind: "optedOut" };
  const { acct } = status.account;
  const { data: tags = [] } = tagList.safeParse(status.tags);
  const names = tags.map(({ name }) => storable(name).normalize("NFC").toLowerCase());
  return {
    kind: "toot",
    toot: {
      id: status.id,
      uri: status.uri,
      createdMs,
      editedMs,
      lang: languageOf(status.language),
      author: (acct.indexOf("@") < 0 ? acct + "@" + domain : acct).toLowerCase(),
      text: simpleText(status.content) ?? htmlToText(status.content),
      hashtags: names.filter((name, i) =>
        name !== "" && name.length <= 512 && names.indexOf(name) === i
      ),
    },
  };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isId(id: string): boolean {
  return /^[0-9]+$/.test(id) && String(BigInt(id)) === id && BigInt(id) <= MAX_ID;
}

/** ISO 639 codes with parts for region or script; all else is unknown. */
function languageOf(language: unknown): string {
  if (typeof language !== "string") return "und";
  const [first = "", ...rest] = language.toLowerCase().split("-");
  const isTag = first.length >= 2 && first.length <= 3 && !/[^a-z]/.test(first) &&
    rest.length <= 3 && rest.every((part) => /^[a-z0-9]{1,8}$/.test(part));
  return isTag ? language.toLowerCase() : "und";
}

function hasOptedOut({ note, noindex }: { note: unknown; noindex: unknown }): boolean {
  if (noindex === true) return true;
  if (typeof note !== "string") return false;
  const words = note.replaceAll(/<\/?span[^>]*>|<\/?a\b[^>]*>/g, "").replaceAll(/<[^>]*>/g, " ")
    .toLowerCase().match(/#[\p{L}\p{N}_]+/gu) ?? [];
  return words.some((word) => ["#nobot", "#nobots", "#noindex", "#nosearch"].includes(word));
}

function storable(text: string): string {
  return [...text].map((c) => c === "\0" || /^[\ud800-\udfff]$/.test(c) ? "\ufffd" : c).join("");
}
