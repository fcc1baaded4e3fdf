/**
 * The people who post on the simulated instance.
 *
 * @module
 */
import type { Account } from "../entities.ts";
import { hashtagAnchor } from "./html.ts";
import { type Language, LANGUAGES } from "./phrases.ts";
import type { Random } from "./random.ts";

/** Somebody who posts. */
export interface Author {
  readonly account: Account;
  readonly language: Language;
  /** How often they post, relative to the others. */
  readonly weight: number;
}

/** Everybody, by how they may be used. */
export interface Cast {
  /** Post normally. */
  readonly willing: readonly Author[];
  /** Opted out in one of the ways that consent must honour. */
  readonly optedOut: readonly Author[];
  /** Of the willing: those who will opt out halfway through. */
  readonly laterOptOuts: ReadonlySet<string>;
}

const NAMES = [
  "ada",
  "bento",
  "clio",
  "dmitri",
  "esra",
  "fox",
  "grace",
  "hedy",
  "ines",
  "juno",
  "kiki",
  "linus",
  "maya",
  "nils",
  "olga",
  "pixel",
  "quill",
  "rosa",
  "sami",
  "tove",
  "uma",
  "vera",
  "wolf",
  "xenia",
  "yuki",
  "zoe",
] as const;

const BIOS = [
  "Gardener, gamer, grumpy in the morning.",
  "I like trains.",
  "Opinions are my cat's.",
  "Postdoc in soil science.",
  "she/her · knitting · C++",
  "Radio amateur. 73!",
  "",
  "Botany fan: ask me about #nobotany (a joke, not an opt-out).",
  "Photos of bridges.",
] as const;

/** Bios and flags that say: leave my posts alone. */
const OPT_OUTS: readonly { readonly note: string; readonly noindex: boolean }[] = [
  { note: "<p>Please no scraping. #nobot</p>", noindex: false },
  { note: `<p>I bake. ${hashtagAnchor("nobots", "pulse.example")}</p>`, noindex: false },
  { note: "<p>Quiet corner of the web.<br />#NoIndex</p>", noindex: false },
  { note: `<p>${hashtagAnchor("NoSearch", "elsewhere.example")} please</p>`, noindex: false },
  { note: "<p>My flag says it.</p>", noindex: true },
  { note: "<p>#NOBOT #nosearch</p>", noindex: true },
];

/** Casts the people: the same draws give the same people. */
export function castAuthors(
  random: Random,
  options: { readonly authors: number; readonly laterOptOuts: number; readonly domain: string },
): Cast {
  const all = Array.from({ length: options.authors }, (_, index): Author => {
    const language = random.weighted(LANGUAGES);
    const name = `${random.pick(NAMES)}${index}`;
    const host = random.chance(0.35) ? options.domain : `host${index % 23}.example`;
    const bot = random.chance(0.06);
    const account = makeAccount({
      // Ids come in order of discovery, as snowflakes of years before the stream.
      id: (109_000_000_000_000_000n + BigInt(index) * 7_919_000_003n).toString(),
      name: bot ? `${name}_bot` : name,
      host,
      local: host === options.domain,
      note: `<p>${bot ? "Automated account. " : ""}${random.pick(BIOS)}</p>`,
      bot,
      indexable: random.chance(0.7),
      followers: Math.floor(20_000 / (index + 1)) + random.below(50),
    });
    // A power law with exponent 1/2 gives a few busy authors and a long tail; sqrt is exact.
    return { account, language, weight: 1 / Math.sqrt(index + 1) };
  });
  const outs = all.slice(-Math.max(OPT_OUTS.length, Math.ceil(all.length / 12))).map(
    (author, index): Author => {
      const how = OPT_OUTS[index % OPT_OUTS.length];
      return { ...author, weight: 1, account: { ...author.account, ...how } };
    },
  );
  const willing = all.slice(0, all.length - outs.length);
  const laterOptOuts = new Set(
    willing.slice(0, Math.min(options.laterOptOuts, willing.length >> 1))
      .map((one) => one.account.id),
  );
  return { willing, optedOut: outs, laterOptOuts };
}

function makeAccount(
  about: {
    id: string;
    name: string;
    host: string;
    local: boolean;
    note: string;
    bot: boolean;
    indexable: boolean;
    followers: number;
  },
): Account {
  const home = `https://${about.host}`;
  const picture = `${home}/avatars/original/missing.png`;
  const header = `${home}/headers/original/missing.png`;
  return {
    id: about.id,
    username: about.name,
    acct: about.local ? about.name : `${about.name}@${about.host}`,
    url: `${home}/@${about.name}`,
    uri: `${home}/users/${about.name}`,
    display_name: `${about.name} ✨`,
    note: about.note,
    avatar: picture,
    avatar_static: picture,
    header,
    header_static: header,
    locked: false,
    fields: [],
    emojis: [],
    bot: about.bot,
    group: false,
    discoverable: true,
    indexable: about.indexable,
    noindex: false,
    created_at: "2022-11-05T00:00:00.000Z",
    last_status_at: "2026-01-04",
    statuses_count: about.followers * 3,
    followers_count: about.followers,
    following_count: Math.floor(about.followers / 2) + 7,
  };
}
