/**
 * Mastodon's entities as JSON on the wire: snake_case, ids as strings. They say what a well-behaved
 * server sends; what arrives from outside is `unknown` until the wire schema has checked it.
 *
 * Source: Mastodon's API documentation, linked at each entity.
 *
 * @module
 */

/** Who may see a status. See https://docs.joinmastodon.org/entities/Status/#visibility */
export type Visibility = "public" | "unlisted" | "private" | "direct";

/** A custom emoji. See https://docs.joinmastodon.org/entities/CustomEmoji/ */
export interface CustomEmoji {
  readonly shortcode: string;
  readonly url: string;
  readonly static_url: string;
  readonly visible_in_picker: boolean;
}

/** A row of a profile's table. See https://docs.joinmastodon.org/entities/Account/#Field */
export interface AccountField {
  readonly name: string;
  readonly value: string;
  readonly verified_at: string | null;
}

/** An account, local or remote. See https://docs.joinmastodon.org/entities/Account/ */
export interface Account {
  readonly id: string;
  readonly username: string;
  /** `username` for local accounts, `username@domain` for remote ones. */
  readonly acct: string;
  readonly url: string;
  readonly uri: string;
  readonly display_name: string;
  /** The bio, as HTML. */
  readonly note: string;
  readonly avatar: string;
  readonly avatar_static: string;
  readonly header: string;
  readonly header_static: string;
  readonly locked: boolean;
  readonly fields: readonly AccountField[];
  readonly emojis: readonly CustomEmoji[];
  readonly bot: boolean;
  readonly group: boolean;
  readonly discoverable: boolean | null;
  /** Since Mastodon 4.3: whether public posts may be found by search. */
  readonly indexable?: boolean | null;
  /** Whether search engines should stay out. */
  readonly noindex?: boolean | null;
  readonly created_at: string;
  readonly last_status_at: string | null;
  readonly statuses_count: number;
  readonly followers_count: number;
  readonly following_count: number;
}

/** See https://docs.joinmastodon.org/entities/MediaAttachment/ */
export interface MediaAttachment {
  readonly id: string;
  readonly type: "unknown" | "image" | "gifv" | "video" | "audio";
  readonly url: string | null;
  readonly preview_url: string | null;
  readonly remote_url: string | null;
  readonly meta: Readonly<Record<string, unknown>> | null;
  readonly description: string | null;
  readonly blurhash: string | null;
}

/** See https://docs.joinmastodon.org/entities/Status/#Mention */
export interface StatusMention {
  readonly id: string;
  readonly username: string;
  readonly url: string;
  readonly acct: string;
}

/** See https://docs.joinmastodon.org/entities/Status/#Tag */
export interface StatusTag {
  /** Without the `#`, lower-cased by the server. */
  readonly name: string;
  readonly url: string;
}

/** See https://docs.joinmastodon.org/entities/Poll/ */
export interface Poll {
  readonly id: string;
  readonly expires_at: string | null;
  readonly expired: boolean;
  readonly multiple: boolean;
  readonly votes_count: number;
  readonly voters_count: number | null;
  readonly options: readonly { readonly title: string; readonly votes_count: number | null }[];
  readonly emojis: readonly CustomEmoji[];
}

/** A toot. See https://docs.joinmastodon.org/entities/Status/ */
export interface Status {
  /** Up to 64 bits: never a JavaScript number. Local to the instance. */
  readonly id: string;
  /** Global identity of the status across the fediverse. */
  readonly uri: string;
  /** ISO 8601, by the clock of the author's server. */
  readonly created_at: string;
  /** When it was last edited, or `null`. */
  readonly edited_at: string | null;
  readonly account: Account;
  /** HTML; empty for media-only statuses. */
  readonly content: string;
  readonly visibility: Visibility;
  readonly sensitive: boolean;
  readonly spoiler_text: string;
  readonly media_attachments: readonly MediaAttachment[];
  readonly mentions: readonly StatusMention[];
  readonly tags: readonly StatusTag[];
  readonly emojis: readonly CustomEmoji[];
  readonly reblogs_count: number;
  readonly favourites_count: number;
  readonly replies_count: number;
  readonly url: string | null;
  readonly in_reply_to_id: string | null;
  readonly in_reply_to_account_id: string | null;
  /** The boosted status, if this is a boost. */
  readonly reblog: Status | null;
  readonly poll: Poll | null;
  readonly card: Readonly<Record<string, unknown>> | null;
  /** ISO 639-1 as a rule, or `null` if unknown. */
  readonly language: string | null;
}

/** The part of an instance's description that the project uses. See https://docs.joinmastodon.org/entities/Instance/ */
export interface Instance {
  readonly domain: string;
  readonly title: string;
  readonly version: string;
  readonly source_url: string;
  readonly description: string;
  readonly usage: { readonly users: { readonly active_month: number } };
  readonly languages: readonly string[];
  readonly configuration: { readonly urls: { readonly streaming: string } };
  readonly registrations: { readonly enabled: boolean; readonly approval_required: boolean };
  readonly contact: { readonly email: string };
  readonly rules: readonly { readonly id: string; readonly text: string }[];
}

/** The older description, still served. See https://docs.joinmastodon.org/entities/V1_Instance/ */
export interface InstanceV1 {
  readonly uri: string;
  readonly title: string;
  readonly short_description: string;
  readonly description: string;
  readonly email: string;
  readonly version: string;
  readonly urls: { readonly streaming_api: string };
  readonly stats: {
    readonly user_count: number;
    readonly status_count: number;
    readonly domain_count: number;
  };
  readonly languages: readonly string[];
  readonly registrations: boolean;
  readonly approval_required: boolean;
  readonly rules: readonly { readonly id: string; readonly text: string }[];
}

/** An event as the streaming server frames it. See https://docs.joinmastodon.org/methods/streaming/#websocket */
export interface StreamingFrame {
  readonly stream: readonly string[];
  readonly event: string;
  /** JSON text for `update` and `status.update`, a bare id for `delete`, absent for `filters_changed`. */
  readonly payload?: string;
}

/** An error that the streaming server reports in band. See https://docs.joinmastodon.org/methods/streaming/ */
export interface StreamingError {
  readonly error: string;
  readonly status: number;
}
