/**
 * Toot text as Mastodon renders it: paragraphs, mention and hashtag anchors, shortened links.
 *
 * @module
 */
import type { Account } from "../entities.ts";

/** What a toot is made of before it is rendered. */
export interface Draft {
  /** Plain text; a blank line starts a paragraph. */
  readonly text: string;
  readonly mentions: readonly Account[];
  /** Without `#`. */
  readonly tags: readonly string[];
  readonly link: string | null;
}

/** Escapes text for HTML as Mastodon's sanitizer writes it. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;").replaceAll("'", "&#39;");
}

/**
 * Renders a toot.
 *
 * @example
 * ```ts
 * import { renderToot } from "./html.ts";
 * const html = renderToot(
 *   { text: "a < b", mentions: [], tags: [], link: null },
 *   "pulse.example",
 * );
 * if (html !== "<p>a &lt; b</p>") throw new Error(html);
 * ```
 */
export function renderToot(draft: Draft, domain: string): string {
  const paragraphs = draft.text.split("\n\n").map((text) =>
    escapeHtml(text).replaceAll("\n", "<br />")
  );
  const lead = draft.mentions.map((account) => mentionAnchor(account)).join(" ");
  if (lead !== "") paragraphs[0] = `${lead} ${paragraphs[0] ?? ""}`;
  if (draft.link !== null) paragraphs.push(linkAnchor(draft.link));
  if (draft.tags.length > 0) {
    paragraphs.push(draft.tags.map((tag) => hashtagAnchor(tag, domain)).join(" "));
  }
  return paragraphs.map((text) => `<p>${text}</p>`).join("");
}

/** A hashtag as Mastodon links it. */
export function hashtagAnchor(tag: string, domain: string): string {
  return `<a href="https://${domain}/tags/${encodeURIComponent(tag)}" class="mention hashtag" ` +
    `rel="tag">#<span>${escapeHtml(tag)}</span></a>`;
}

function mentionAnchor(account: Account): string {
  return `<span class="h-card" translate="no"><a href="${account.url}" class="u-url mention">@` +
    `<span>${escapeHtml(account.username)}</span></a></span>`;
}

/** Mastodon shows the first 30 characters after the scheme and hides the rest. */
function linkAnchor(link: string): string {
  const scheme = /^https?:\/\/(www\.)?/.exec(link)?.[0] ?? "";
  const shown = link.slice(scheme.length, scheme.length + 30);
  const rest = link.slice(scheme.length + 30);
  const middle = `<span class="${rest === "" ? "" : "ellipsis"}">${escapeHtml(shown)}</span>`;
  return `<a href="${escapeHtml(link)}" target="_blank" rel="nofollow noopener noreferrer" ` +
    `translate="no"><span class="invisible">${scheme}</span>${middle}` +
    `<span class="invisible">${escapeHtml(rest)}</span></a>`;
}
