/**
 * The state of the simulated instance while the generator runs: people, clock, ids, recent toots.
 *
 * @module
 */
import type { Account, Poll, Status, Visibility } from "../entities.ts";
import { type Author, type Cast, castAuthors } from "./authors.ts";
import type { HostileParts } from "./hostile.ts";
import { type Draft, renderToot } from "./html.ts";
import type { ResolvedGeneratorOptions } from "./options.ts";
import { compose, drawMood, LANGUAGES } from "./phrases.ts";
import { Random } from "./random.ts";
import { rise } from "./rhythm.ts";
import { drawTags, RISING_TAG, RISING_TEXTS } from "./topics.ts";

/** Furthest that an update in time may lie behind the newest one: less than the grace of 30 s. */
export const MAX_BEHIND_MS = 25_000;
/** A late toot is at least this far behind. */
export const LATE_BEHIND_MS = 3_600_000;

const HOUR_MS = 3_600_000;
const RECENT = 60;

/** How a new status differs from an ordinary toot. */
export interface StatusPlan {
  readonly author: Author;
  readonly createdAt: number;
  readonly visibility?: Visibility;
  readonly text?: string;
  readonly hostile?: HostileParts;
}

export class Scene {
  readonly random: Random;
  readonly cast: Cast;
  /** The simulated time of the frame in hand, in ms. */
  at: number;
  /** Share of the stream that has been played. */
  share = 0;
  /** Largest event time sent, in ms, in any status. */
  newest = -Infinity;
  readonly #options: ResolvedGeneratorOptions;
  /** Event times of the last `lateAfter` ordinary toots: a ring. */
  readonly #times: number[] = [];
  #toots = 0;
  #sequence = 0;
  readonly #recent: { id: string; account: Account }[] = [];

  constructor(options: ResolvedGeneratorOptions) {
    this.#options = options;
    this.at = options.start;
    this.random = new Random(options.seed);
    this.cast = castAuthors(this.random, options);
  }

  /** Remembers an ordinary toot that was just sent: it raises its partition's watermark. */
  remember(status: Status, createdAt: number): void {
    this.#times[this.#toots % this.#options.lateAfter] = createdAt;
    this.#toots++;
    this.#recent.push({ id: status.id, account: status.account });
    if (this.#recent.length > RECENT) this.#recent.shift();
  }

  /** Some time that is late for every partition, or `null` while there is none yet. */
  drawLateTime(): number | null {
    const { lateAfter } = this.#options;
    const passed = this.#times[this.#toots % lateAfter];
    if (this.#toots < lateAfter || passed === undefined) return null;
    const latest = Math.min(this.newest - LATE_BEHIND_MS, passed - 2 * 60_000 - MAX_BEHIND_MS);
    const further = this.random.pick([1, 1, 1, 1, 6, 24, 48]) * HOUR_MS;
    const drawn = Math.floor(latest - this.random.float() * further);
    // Not before the stream's own days: a chart by day would be mostly empty.
    return latest < this.#options.start ? null : Math.max(drawn, this.#options.start);
  }

  /**
   * A snowflake: ms since the epoch << 16 plus a counter, as Mastodon makes them. The server takes
   * the status's own date for one that comes in late, so late statuses have small ids.
   */
  nextId(time: number): string {
    this.#sequence = (this.#sequence + 1) & 0xffff;
    return ((BigInt(time) << 16n) | BigInt(this.#sequence)).toString();
  }

  /** Somebody who posts normally. */
  drawAuthor(): Author {
    return this.random.weighted(this.cast.willing);
  }

  /** Whether an author has opted out by now. */
  hasOptedOut(accountId: string): boolean {
    return this.share >= 0.5 && this.cast.laterOptOuts.has(accountId);
  }

  /** The account as it looks by now. */
  accountNow(account: Account): Account {
    return this.hasOptedOut(account.id)
      ? { ...account, note: `${account.note}<p>#nobot from now on</p>` }
      : account;
  }

  /** Makes a status; draws its text unless the plan has one. */
  makeStatus(plan: StatusPlan): Status {
    const { rates, domain } = this.#options;
    const { random } = this;
    const { createdAt, hostile } = plan;
    const draft = plan.text === undefined && hostile === undefined
      ? this.#drawDraft(plan.author)
      : { text: plan.text ?? "", mentions: [], tags: [], link: null };
    const content = hostile?.content ?? (draft.text === "" ? "" : renderToot(draft, domain));
    const parent = random.chance(rates.replies) && this.#recent.length > 0
      ? random.pick(this.#recent)
      : null;
    const poll = random.chance(rates.polls);
    // A status from the future is filed under the time of its arrival.
    const id = this.nextId(Math.min(createdAt, this.at));
    const account = this.accountNow(plan.author.account);
    const home = account.uri.replace(/\/users\/.*$/, "");
    return {
      id,
      created_at: new Date(createdAt).toISOString(),
      in_reply_to_id: parent?.id ?? null,
      in_reply_to_account_id: parent?.account.id ?? null,
      sensitive: hostile?.spoiler_text !== undefined,
      spoiler_text: hostile?.spoiler_text ?? "",
      visibility: plan.visibility ?? "public",
      language: plan.author.language.code,
      uri: `${home}/users/${account.username}/statuses/${id}`,
      url: `${home}/@${account.username}/${id}`,
      replies_count: 0,
      reblogs_count: 0,
      favourites_count: 0,
      edited_at: null,
      content,
      reblog: null,
      account: hostile?.display_name === undefined
        ? account
        : { ...account, display_name: hostile.display_name },
      media_attachments: content === "" ? [this.#makeImage(id)] : [],
      mentions: draft.mentions.map((one) => ({
        id: one.id,
        username: one.username,
        url: one.url,
        acct: one.acct,
      })),
      tags: (hostile?.tags ?? draft.tags).map((tag) => {
        const name = tag.toLowerCase();
        return { name, url: `https://${domain}/tags/${encodeURIComponent(name.toWellFormed())}` };
      }),
      emojis: content.includes(":blobcat:") ? [BLOBCAT] : [],
      card: null,
      poll: poll ? this.#makePoll(id) : null,
    };
  }

  #drawDraft(author: Author): Draft {
    const { random } = this;
    const hour = new Date(this.at).getUTCHours();
    const hours = Math.max(1, Math.round(this.#options.days * 24));
    const risen = rise((this.at - this.#options.start) / HOUR_MS, hours);
    const tags = drawTags(random, { language: author.language.code, hour, risen });
    // On the rising topic people write English, whatever they speak otherwise.
    const risingInEnglish = tags.includes(RISING_TAG) &&
      author.language.code === (LANGUAGES[0]?.code ?? null);
    const text = risingInEnglish
      ? random.pick(RISING_TEXTS)
      : compose(random, { language: author.language, mood: drawMood(random) });
    const mentions = random.chance(0.15) ? [random.pick(this.cast.willing).account] : [];
    const link = random.chance(0.12)
      ? `https://www.news${random.below(40)}.example/2026/${random.between(1, 12)}/` +
        `${random.uint32().toString(36)}-${random.uint32().toString(36)}?ref=toot`
      : null;
    return { text, mentions, tags, link };
  }

  #makePoll(id: string): Poll {
    return {
      id,
      expires_at: new Date(this.at + 24 * HOUR_MS).toISOString(),
      expired: false,
      multiple: false,
      votes_count: 0,
      voters_count: 0,
      options: [{ title: "yes", votes_count: 0 }, { title: "no", votes_count: 0 }],
      emojis: [],
    };
  }

  #makeImage(id: string) {
    const url = `https://${this.#options.domain}/media/${id}.webp`;
    return {
      id,
      type: "image" as const,
      url,
      preview_url: url,
      remote_url: null,
      meta: null,
      description: this.random.chance(0.6) ? "A picture" : null,
      blurhash: null,
    };
  }
}

const BLOBCAT = {
  shortcode: "blobcat",
  url: "https://pulse.example/emoji/blobcat.png",
  static_url: "https://pulse.example/emoji/blobcat.png",
  visible_in_picker: true,
};
