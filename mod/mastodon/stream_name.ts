/**
 * The streams that MASTODON_STREAM may name.
 *
 * @module
 */

/** A public stream. */
export type StreamName =
  | { readonly kind: "public" | "public/local" | "public/remote" }
  | { readonly kind: "hashtag"; readonly tag: string };

/**
 * Reads `public`, `public/local`, `public/remote` or `hashtag:NAME`.
 *
 * @throws {RangeError} if it is none of them
 * @example
 * ```ts
 * import { parseStreamName } from "./stream_name.ts";
 * if (parseStreamName("hashtag:caturday").kind !== "hashtag") throw new Error();
 * ```
 */
export function parseStreamName(text: string): StreamName {
  switch (text) {
    case "public":
    case "public/local":
    case "public/remote":
      return { kind: text };
  }
  const tag = /^hashtag:(.+)$/.exec(text)?.[1];
  if (tag === undefined) throw new RangeError(`Cannot follow "${text}": no such public stream`);
  return { kind: "hashtag", tag };
}

/**
 * The name of a stream as MASTODON_STREAM spells it.
 *
 * @example
 * ```ts
 * import { parseStreamName, streamLabel } from "./stream_name.ts";
 * if (streamLabel(parseStreamName("hashtag:cats")) !== "hashtag:cats") throw new Error();
 * ```
 */
export function streamLabel(stream: StreamName): string {
  return stream.kind === "hashtag" ? `hashtag:${stream.tag}` : stream.kind;
}
