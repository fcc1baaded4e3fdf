/**
 * Every setting of the project: its environment variable, its default, and what a value must look
 * like. One place, so that `.env.example`, the check at start and the README cannot disagree.
 *
 * @module
 */
import { z } from "zod";
import { parsePgUrl } from "./pg_url.ts";

/** A whole number within bounds, written in decimal. */
function integer(min: number, max: number) {
  return z.string().regex(/^-?\d{1,15}$/).transform(Number).refine((n) => n >= min && n <= max)
    .describe(`a whole number from ${min} to ${max}`);
}

/** A decimal number within bounds. */
function decimal(min: number, max: number) {
  return z.string().regex(/^-?\d{1,9}(\.\d{1,9})?$/).transform(Number)
    .refine((n) => n >= min && n <= max).describe(`a number from ${min} to ${max}`);
}

const flag = z.enum(["true", "false"]).transform((s) => s === "true").describe("true or false");
const text = z.string().min(1).describe("some text");
const topic = z.string().regex(/^[a-zA-Z0-9._-]{1,249}$/)
  .describe("a topic name: letters, digits, '.', '_' or '-', at most 249");

function isServer(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return /^https?:$/.test(url.protocol) && url.username === "" && url.search === "" &&
    url.pathname === "/";
}

/** The address of a server, as its origin. */
export const serverUrl = z.string().refine(isServer).transform((value) => new URL(value).origin)
  .describe("the address of a Mastodon server, such as https://fosstodon.org");

const baseUrls = z.string().transform((value) => value.split(",").map((s) => s.trim()))
  .refine((list) => list.every(isServer)).transform((list) => list.map((s) => new URL(s).origin))
  .refine((list) => new Set(list).size === list.length)
  .describe(
    "the address of a Mastodon server, such as https://fosstodon.org, or several, each once",
  );

const tokens = z.string().transform((value) => value.split(",").map((s) => s.trim()))
  .refine((list) => list.every((s) => /^[\x21-\x7e]*$/.test(s)))
  .describe("a token, or one for each server, separated by commas");

const STREAM = "(public|public/local|public/remote|hashtag:[\\p{L}\\p{N}_·]+)";
/** One stream or several, separated by commas. */
export const streamList = z.string().regex(new RegExp(`^${STREAM}(,${STREAM})*$`, "u"))
  .describe("public, public/local, public/remote or hashtag:NAME, or several separated by commas");

function isBroker(text: string): boolean {
  const port = Number(/^[^\s:/@]+:(\d{1,5})$/.exec(text)?.[1]);
  return port >= 1 && port <= 65_535;
}

const brokers = z.string().transform((value) => value.split(",").map((s) => s.trim()))
  .refine((list) => list.every(isBroker))
  .describe("host:port, or several separated by commas");

const languages = z.string().transform((value) => value.split(",").map((s) => s.trim()))
  .refine((list) => list.every((s) => /^[a-z]{2,3}$/.test(s)))
  .describe("language codes such as en, separated by commas");

const pgUrl = z.string().transform((value, ctx) => {
  const parsed = parsePgUrl(value);
  if (parsed === null) {
    ctx.addIssue("not a PostgreSQL address");
    return z.NEVER;
  }
  return parsed;
}).describe(
  "postgresql://[user[:password]@]host[:port]/database, or the same with jdbc: before it",
);

const logLevel = z.enum(["debug", "info", "warning", "error"])
  .describe("debug, info, warning or error");

/** One setting. */
export interface Setting<
  S extends z.ZodType = z.ZodType,
  F extends string | null = string | null,
> {
  /** Checks the text of the variable and turns it into a value. */
  readonly schema: S;
  /** The text used when the variable is unset or empty; `null`: there is none. */
  readonly fallback: F;
  /** Never shown in messages. */
  readonly secret?: true;
  /** What it is for, as `.env.example` says it. */
  readonly help: string;
}

function setting<S extends z.ZodType, F extends string | null>(
  schema: S,
  fallback: F,
  options: { help: string; secret?: true },
): Setting<S, F> {
  return { schema, fallback, ...options };
}

/** Each variable that the project reads. */
export const SETTINGS = {
  MASTODON_BASE_URL: setting(baseUrls, null, {
    help:
      "The Mastodon server to follow, or several separated by commas. Choose ones whose rules permit " +
      "collection.",
  }),
  MASTODON_ACCESS_TOKEN: setting(tokens, null, {
    help:
      "A user token of that server (Preferences > Development), scope read:statuses; for several " +
      "servers one each, separated by commas, in the same order.",
    secret: true,
  }),
  MASTODON_STREAM: setting(streamList, "public", {
    help:
      "What to follow: public, public/local, public/remote or hashtag:NAME, or several separated by " +
      "commas.",
  }),
  MASTODON_CONFIG: setting(text, null, {
    help:
      'A JSON file instead of the three above: [{"url": "https://…", "token": "…", "streams": ' +
      '["public"]}, …].',
  }),
  MASTODON_TRANSPORT: setting(
    z.enum(["websocket", "sse"]).describe("websocket or sse"),
    "websocket",
    { help: "websocket, or sse (server-sent events) where WebSockets are blocked." },
  ),
  STALL_S: setting(integer(5, 86_400), "90", {
    help: "A stream that brings nothing for so long is connected anew, in seconds.",
  }),
  GAP_OVERLAP_S: setting(integer(0, 86_400), "60", {
    help:
      "How far before the last toot the filling of a gap begins, in seconds: toots that reach the " +
      "server late are filed under their own dates.",
  }),
  GAP_FILL_MAX: setting(integer(0, 10_000_000), "50000", {
    help: "Toots fetched for one gap at most; a server allows about 40 a second.",
  }),
  SPOOL_MAX_MB: setting(integer(1, 1_000_000), "512", {
    help: "How much is kept in DATA_DIR/spool while the log is down, in MB.",
  }),
  METRICS_PORT: setting(integer(1, 65_535), null, {
    help: "Where ingest shows /metrics, /healthz and /readyz on 127.0.0.1. Unset: nowhere.",
  }),
  KAFKA_BROKERS: setting(brokers, null, {
    help: "Kafka's bootstrap brokers. Unset: the log is kept in the database.",
  }),
  KAFKA_TOPIC: setting(topic, "mastodon_stream", { help: "The topic of Mastodon's events." }),
  KAFKA_ERROR_TOPIC: setting(topic, "mastodon_errors", { help: "The topic of dead letters." }),
  KAFKA_PARTITIONS: setting(integer(1, 1000), "4", {
    help: "Partitions of a topic that is created.",
  }),
  KAFKA_SSL: setting(flag, "false", { help: "Connect to Kafka with TLS." }),
  KAFKA_SASL_MECHANISM: setting(
    z.enum(["plain", "scram-sha-256", "scram-sha-512"])
      .describe("plain, scram-sha-256 or scram-sha-512"),
    null,
    { help: "How to log in to Kafka. Unset: no login." },
  ),
  KAFKA_SASL_USERNAME: setting(text, null, { help: "Kafka's user." }),
  KAFKA_SASL_PASSWORD: setting(text, null, { help: "Kafka's password.", secret: true }),
  PG_URL: setting(pgUrl, null, {
    help: "PostgreSQL's address; jdbc:postgresql://… works too. Unset: PGlite in DATA_DIR/pg.",
    secret: true,
  }),
  PG_USER: setting(text, null, { help: "PostgreSQL's user, where PG_URL names none." }),
  PG_PASS: setting(text, null, {
    help: "PostgreSQL's password, where PG_URL names none.",
    secret: true,
  }),
  WINDOW_S: setting(integer(1, 86_400), "60", { help: "Length of a window in seconds." }),
  WINDOW_GRACE_S: setting(integer(0, 86_400), "30", {
    help: "How far behind the newest event a toot may be, in seconds, before it can be late.",
  }),
  IDLE_TIMEOUT_S: setting(integer(0, 86_400), "60", {
    help: "A partition silent for so long stops holding the watermark back, in seconds.",
  }),
  ACTIVITY_MIN_TOOTS: setting(integer(1, 1_000_000), "5", {
    help: "Toots that make an author active.",
  }),
  DATA_PATH: setting(text, null, { help: "Sentiment140's csv file, for deno task train." }),
  MODEL_DIR: setting(text, "data/models/sentiment_pipeline_model", {
    help: "Where the trained model is. Holds none: the shipped model is used.",
  }),
  NEUTRAL_LOW: setting(decimal(0, 1), "0.45", { help: "Negative at or below this probability." }),
  NEUTRAL_HIGH: setting(decimal(0, 1), "0.55", { help: "Positive at or above this probability." }),
  SENTIMENT_LANGS: setting(languages, "en", { help: "Languages that are scored." }),
  CONSENT: setting(z.enum(["respect", "strict"]).describe("respect or strict"), "respect", {
    help: "respect: opt-outs are honoured. strict: only accounts that allow indexing.",
  }),
  AUTHOR_IDS: setting(z.enum(["hmac", "plain"]).describe("hmac or plain"), "hmac", {
    help: "hmac: authors are stored as keyed hashes. plain: under their names.",
  }),
  PSEUDONYM_KEY: setting(
    z.string().min(16).describe("at least 16 characters, kept secret"),
    null,
    { help: "Key of the hashes. Unset: one is made in DATA_DIR/pseudonym.key.", secret: true },
  ),
  KEEP_RAW: setting(flag, "false", {
    help: "Also keep each status as the server sent it (needs AUTHOR_IDS=plain).",
  }),
  RETENTION_DAYS: setting(integer(1, 36_500), null, {
    help: "Age in days after which deno task purge removes toots. Unset: never.",
  }),
  TOMBSTONE_DAYS: setting(integer(1, 36_500), "7", {
    help: "How long a delete is remembered, in days.",
  }),
  DATA_DIR: setting(text, "data", { help: "Where runtime data goes." }),
  REPORTS_DIR: setting(text, "reports", { help: "Where charts and exports go." }),
  LOG_LEVEL: setting(logLevel, "info", { help: "debug, info, warning or error." }),
} as const;

/** The name of a setting. */
export type SettingName = keyof typeof SETTINGS;
