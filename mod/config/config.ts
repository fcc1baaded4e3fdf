/**
 * Environment and .env → one typed, validated {@linkcode Config}.
 *
 * @module
 */
import { load } from "@std/dotenv";
import type { z } from "zod";
import type { PgAddress } from "./pg_url.ts";
import { type SettingName, SETTINGS } from "./settings.ts";

/** The values of all settings, by variable; `null` where one is unset and has no default. */
export type SettingValues = {
  readonly [N in SettingName]: (typeof SETTINGS)[N]["fallback"] extends null
    ? z.output<(typeof SETTINGS)[N]["schema"]> | null
    : z.output<(typeof SETTINGS)[N]["schema"]>;
};

/** All settings, checked one by one and against each other. */
export interface Config extends Omit<SettingValues, "PG_URL"> {
  /** PostgreSQL's address with PG_USER and PG_PASS filled in; null: the embedded engine. */
  readonly PG_URL: PgAddress | null;
}

/** A setting that a job cannot start with. Its message is one line, fit to be shown as it is. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Checks an environment. Empty values count as unset.
 *
 * @throws {ConfigError} at the first value that is malformed, missing or contradicts another: names
 * the variable, its value (secrets are masked) and what it should be.
 * @example
 * ```ts
 * import { parseConfig } from "./config.ts";
 * const config = parseConfig({ WINDOW_S: "120" });
 * if (config.WINDOW_S !== 120 || config.KAFKA_TOPIC !== "mastodon_stream") throw new Error();
 * ```
 */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const found: Partial<Record<SettingName, unknown>> = {};
  for (const [name, { schema, fallback, secret }] of settingEntries()) {
    const value = env[name]?.trim() || fallback;
    if (value === null) {
      found[name] = null;
      continue;
    }
    const parsed = schema.safeParse(value);
    if (!parsed.success) {
      const shown = secret ? "a secret value" : JSON.stringify(withoutLogin(value));
      throw new ConfigError(`${name} holds ${shown}: it should be ${schema.description}`);
    }
    found[name] = parsed.data;
  }
  // Every setting was just parsed by its own schema; TypeScript cannot follow the loop.
  return withLogin(checkTogether(found as SettingValues));
}

/**
 * Reads `.env` (if there is one) and the process's environment, which wins, and checks both.
 *
 * @throws {ConfigError} see {@linkcode parseConfig}
 */
export async function loadConfig(
  options: { envPath?: string; overrides?: Readonly<Record<string, string | undefined>> } = {},
): Promise<Config> {
  const file = await load({ envPath: options.envPath ?? ".env", export: false });
  const env: Record<string, string | undefined> = { ...file };
  for (const [name] of settingEntries()) {
    const value = options.overrides?.[name] ?? Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  return parseConfig(env);
}

/**
 * The value of a setting that a job cannot do without.
 *
 * @throws {ConfigError} if it is unset
 */
export function required<N extends keyof Config>(
  config: Pick<Config, N>,
  name: N,
): NonNullable<Config[N]> {
  const value = config[name];
  if (value === null || value === undefined) {
    const { schema } = SETTINGS[name];
    throw new ConfigError(`${name} is not set: it should be ${schema.description}`);
  }
  return value;
}

/** A text as it may be shown: an address may hold a login where none is wanted. */
function withoutLogin(text: string): string {
  return text.replace(/\/\/[^\s,]*@/g, "//***@").replace(/([?&][^=&#\s]*=)[^&#\s]*/g, "$1***");
}

function settingEntries(): [SettingName, (typeof SETTINGS)[SettingName] & { secret?: true }][] {
  return Object.entries(SETTINGS) as ReturnType<typeof settingEntries>;
}

function checkTogether(values: SettingValues): SettingValues {
  const fail = (message: string) => {
    throw new ConfigError(message);
  };
  if (values.NEUTRAL_LOW > values.NEUTRAL_HIGH) {
    fail(
      `NEUTRAL_LOW holds ${values.NEUTRAL_LOW}: it should be at most NEUTRAL_HIGH, ` +
        `which is ${values.NEUTRAL_HIGH}`,
    );
  }
  if (values.KEEP_RAW && values.AUTHOR_IDS !== "plain") {
    fail(`KEEP_RAW holds "true": it should be false unless AUTHOR_IDS is plain`);
  }
  const login = [
    values.KAFKA_SASL_MECHANISM,
    values.KAFKA_SASL_USERNAME,
    values.KAFKA_SASL_PASSWORD,
  ];
  if (login.some((v) => v !== null) && login.some((v) => v === null)) {
    const missing = (["MECHANISM", "USERNAME", "PASSWORD"] as const)
      .find((_, i) => login[i] === null);
    fail(`KAFKA_SASL_${missing} is not set: it should be, because other KAFKA_SASL_ settings are`);
  }
  if (values.KAFKA_TOPIC === values.KAFKA_ERROR_TOPIC) {
    fail(
      `KAFKA_ERROR_TOPIC holds ${JSON.stringify(values.KAFKA_ERROR_TOPIC)}: ` +
        "it should differ from KAFKA_TOPIC",
    );
  }
  return values;
}

function withLogin(values: SettingValues): Config {
  const address = values.PG_URL;
  if (address === null) return { ...values, PG_URL: null };
  const user = address.user ?? values.PG_USER;
  if (user === null) {
    throw new ConfigError("PG_USER is not set: it should be, because PG_URL names no user");
  }
  return { ...values, PG_URL: { ...address, user, password: address.password ?? values.PG_PASS } };
}
