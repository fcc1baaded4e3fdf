/**
 * Who may be collected. Mastodon has no single switch, so every signal that people use counts.
 *
 * @module
 */

/** What an account says about being collected. */
export interface ConsentSignals {
  /** The bio, as HTML. */
  readonly note: string;
  /** Asks search engines to stay away. */
  readonly noindex: boolean;
  /** Allows its public posts to be found by search (Mastodon 4.3 and later). */
  readonly indexable: boolean;
}

/** `respect` honours opt-outs; `strict` asks for an opt-in (`indexable`) besides. */
export type ConsentMode = "respect" | "strict";

/**
 * The bio tags by which people opt out of bots, archives and search.
 * Source: https://joinfediverse.wiki/Opt-out_hashtags and Mastodon's own `noindex` setting. The sign
 * may be full-width, as Japanese keyboards write it.
 */
const OPT_OUT = /[#\uff03](nobots?|noindex|nosearch)(?![\p{L}\p{N}_])/iu;

/**
 * Whether an author's toots may be collected.
 *
 * @example
 * ```ts
 * import { mayCollect } from "./consent.ts";
 * const account = { note: "<p>Gardener #NoBot</p>", noindex: false, indexable: true };
 * if (mayCollect(account, "respect")) throw new Error();
 * ```
 */
export function mayCollect(account: ConsentSignals, mode: ConsentMode): boolean {
  if (account.noindex || OPT_OUT.test(plainBio(account.note))) return false;
  return mode === "respect" || account.indexable;
}

/**
 * Mastodon renders a bio's hashtag as `#<span>nobot</span>`: the tags must not part the two. No match
 * runs over a second `<`, which keeps the time linear.
 */
function plainBio(html: string): string {
  return html.replace(/<\/?(span|a|b|i|em|strong)\b[^<>]*>/gi, "").replace(/<[^<>]*>/g, " ")
    .replace(/&(#35|#x23|num);/gi, "#");
}
