/**
 * HTML entities left in tweets (`&quot;`, `&amp;lt;3`).
 *
 * @module
 */

const NAMED: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
  ["nbsp", " "],
]);

/**
 * Decodes the entities that tweets hold: the five of XML, `&nbsp;`, decimal and hexadecimal ones.
 * Twice, because Sentiment140 escaped some of them twice. What is no entity stays.
 *
 * @example
 * ```ts
 * import { decodeEntities } from "./entities.ts";
 * if (decodeEntities("&amp;lt;3 &quot;hi&quot; AT&T &#39;") !== "<3 \"hi\" AT&T '") throw new Error();
 * ```
 */
export function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  const once = decodeOnce(text);
  return once === text ? text : decodeOnce(once);
}

function decodeOnce(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,4}));/gi, decodeOne);
}

function decodeOne(whole: string, decimal = "", hex = "", name = ""): string {
  if (name !== "") return NAMED.get(name.toLowerCase()) ?? whole;
  const code = decimal !== "" ? Number.parseInt(decimal, 10) : Number.parseInt(hex, 16);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}
