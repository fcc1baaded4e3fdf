/**
 * Text of the plain HTML that Mastodon itself makes, by replacing tags one kind after the other: not
 * safe with anything else, but nothing that the pipeline's parser could have in common with it.
 *
 * @module
 */

const PLAIN =
  /^(?:[^<&\0]|<\/?(?:p|br|a|span|strong|em|code|del|ul|ol|li)\b[^<>]*>|&(?:amp|lt|gt|quot|nbsp|#\d+);)*$/;

const NAMED = new Map([["amp", "&"], ["lt", "<"], ["gt", ">"], ["quot", '"'], ["nbsp", "\u00a0"]]);

/** The text, or null where the HTML is not of the kind that can be read so simply. */
export function simpleText(html: string): string | null {
  if (!PLAIN.test(html) || !html.isWellFormed()) return null;
  return html.replaceAll(/[\t\r\n\u200b]/g, " ")
    .replaceAll(/<br[^>]*>|<li[^>]*>/g, "\n")
    .replaceAll(/<\/?p\b[^>]*>|<\/?[uo]l[^>]*>/g, "\n\n")
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll(/ +/g, " ").replaceAll(/ ?\n ?/g, "\n").replaceAll(/\n{3,}/g, "\n\n")
    .replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replaceAll(/&(\w+);/g, (whole, name) => NAMED.get(name) ?? whole)
    .trim();
}
