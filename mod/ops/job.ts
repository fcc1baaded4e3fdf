/**
 * What every job does alike: flags, help, configuration, logging, errors in one line, exit codes.
 *
 * @module
 */
import { parseArgs, type ParseArgsConfig } from "node:util";
import { type Config, ConfigError, loadConfig } from "../config/config.ts";
import { mask } from "../config/mask.ts";
import { explainDatabaseError } from "../db/database_errors.ts";
import { isDelay, isOutage } from "../db/retryable.ts";
import { LogUnreachableError } from "../log/log_errors.ts";
import { explainFileError } from "./file_errors.ts";
import { startLogging } from "./logging.ts";
import { isStop, shutdownSignal } from "./shutdown.ts";
import { print, printError } from "./terminal.ts";

/** A flag of a job, for parsing and for `--help`. */
export interface Flag {
  readonly type: "string" | "boolean";
  /** Name of the value in the help, such as `N`. */
  readonly value?: string;
  readonly help: string;
}

/** What a job is given. */
export interface JobContext {
  readonly config: Config;
  /** Values of the flags given. */
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
}

/** A `deno task`. */
export interface Job {
  readonly name: string;
  /** One sentence for `--help`. */
  readonly summary: string;
  readonly flags?: Readonly<Record<string, Flag>>;
  /** Variables that the job sets for itself, from its flags. */
  readonly overrides?: (
    flags: JobContext["flags"],
  ) => Readonly<Record<string, string | undefined>>;
  readonly run: (context: JobContext) => Promise<void>;
}

/** A problem that the user can mend: shown as one line, without a stack. */
export class JobError extends Error {
  override readonly name = "JobError";
}

/** Errors whose message alone is meant for the user. */
const PLAIN_ERRORS = new Set([
  "ConfigError",
  "DatabaseUnusableError",
  "JobError",
  "LogUnreachableError",
  "MigrationError",
  "MissingTopicError",
  "ModelError",
  "OwnedError",
  "PositionBeyondEndError",
  "RecordTooLargeError",
  "ServerError",
  "WindowClockError",
]);

/** Runs a job with the process's arguments and exits with its code. */
export async function runJob(job: Job): Promise<void> {
  Deno.exit(await runWith(job, Deno.args));
}

async function runWith(job: Job, args: string[]): Promise<number> {
  let secrets: string[] = [];
  using shutdown = shutdownSignal();
  try {
    const flags = parseFlags(job, args);
    if (flags.help) {
      print(helpText(job));
      return 0;
    }
    const overrides = job.overrides?.(flags);
    const config = await loadConfig(overrides === undefined ? {} : { overrides });
    secrets = secretsOf(config);
    await startLogging(config.LOG_LEVEL, secrets);
    await job.run({ config, flags, signal: shutdown.signal });
    return 0;
  } catch (error) {
    // Ctrl-C was asked for: that a step gave up because of it, or that a server was away while it was
    // being waited for, is no failure.
    if (isStop(error, shutdown.signal)) return 0;
    if (shutdown.signal.aborted && isServerAway(error)) return 0;
    printError(mask(errorLine(error), secrets));
    return 1;
  }
}

function parseFlags(job: Job, args: string[]): JobContext["flags"] {
  const options: NonNullable<ParseArgsConfig["options"]> = {
    help: { type: "boolean", short: "h" },
  };
  for (const [name, { type }] of Object.entries(job.flags ?? {})) options[name] = { type };
  try {
    const { values } = parseArgs({ args, options, strict: true, allowPositionals: false });
    return Object.fromEntries(
      Object.entries(values).map((
        [name, value],
      ) => [name, Array.isArray(value) ? undefined : value]),
    );
  } catch (error) {
    const why = error instanceof Error ? error.message.split(". ")[0] : String(error);
    throw new JobError(`${why}: see "deno task ${job.name} --help"`);
  }
}

/** The help of a job. */
export function helpText(job: Job): string {
  const flags = { ...job.flags, help: { type: "boolean", help: "Show this." } satisfies Flag };
  const rows = Object.entries(flags).map(([name, flag]) => {
    const value = "value" in flag ? ` ${flag.value}` : "";
    return [`  --${name}${value}`, flag.help] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return [
    `deno task ${job.name}`,
    job.summary,
    "",
    ...rows.map(([left, help]) => left.padEnd(width) + help),
    "",
    "Settings come from the environment and .env: see .env.example.",
  ].join("\n");
}

function errorLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (PLAIN_ERRORS.has(error.name)) return error.message.replaceAll("\n", " ");
  return explainDatabaseError(error) ?? explainFileError(error) ?? error.stack ?? error.message;
}

function isServerAway(error: unknown): boolean {
  return isOutage(error) || isDelay(error) || error instanceof LogUnreachableError;
}

/** The values of a configuration that must never be shown. */
export function secretsOf(config: Config): string[] {
  const { MASTODON_ACCESS_TOKEN, PSEUDONYM_KEY, PG_PASS, PG_URL, KAFKA_SASL_PASSWORD } = config;
  return [MASTODON_ACCESS_TOKEN, PSEUDONYM_KEY, PG_PASS, PG_URL?.password, KAFKA_SASL_PASSWORD]
    .flat().filter((s) => typeof s === "string");
}

/** A flag's whole number. */
export function integerFlag(
  flags: JobContext["flags"],
  { name, min, max, fallback }: { name: string; min: number; max: number; fallback: number },
): number {
  const text = flags[name];
  if (text === undefined) return fallback;
  const n = Number(text);
  if (typeof text === "string" && /^\d+$/.test(text) && n >= min && n <= max) return n;
  throw new ConfigError(
    `--${name} holds "${text}": it should be a whole number from ${min} to ${max}`,
  );
}

/** A flag's text. */
export function textFlag(flags: JobContext["flags"], name: string): string | null {
  const value = flags[name];
  return typeof value === "string" ? value : null;
}
