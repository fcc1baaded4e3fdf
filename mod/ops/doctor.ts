/**
 * Checks every connection, token and setting, and says how to mend what is wrong.
 *
 * @module
 */
import type { Config } from "../config/config.ts";
import { mask } from "../config/mask.ts";
import type { Database } from "../db/database.ts";
import { OwnedError } from "../db/owner_lock.ts";
import { type Gap, readGaps, readIngestPositions } from "../ingest/ingest_store.ts";
import type { IngestSource } from "../ingest/run_ingest.ts";
import type { EventLog, TopicSpec } from "../log/event_log.ts";
import { discoverServer, type ServerInfo } from "../mastodon/server.ts";
import { streamLabel } from "../mastodon/stream_name.ts";
import { timelinePage } from "../mastodon/timeline.ts";
import { checkToken, streamingHealth } from "../mastodon/token_check.ts";

/** One line of the doctor's report. */
export interface Finding {
  readonly level: "ok" | "warning" | "problem";
  /** What was looked at. */
  readonly what: string;
  /** What was found; where it is no good, with what to do. */
  readonly detail: string;
}

/** The report's line, such as `problem  token of a.example: …`. */
export function findingLine({ level, what, detail }: Finding): string {
  return `${level.padEnd(8)} ${what}: ${detail}`;
}

/** Runs a check; what it throws is a finding as well, without secrets. */
export async function check(
  what: string,
  { run, secrets }: { run: () => Promise<readonly Finding[]>; secrets: readonly string[] },
): Promise<readonly Finding[]> {
  try {
    return (await run()).map((one) => ({ ...one, detail: mask(one.detail, secrets) }));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    // The embedded database in use is no trouble, it only cannot be looked into.
    const level = error instanceof OwnedError ? "warning" : "problem";
    return [{ level, what, detail: mask(detail.replaceAll("\n", " "), secrets) }];
  }
}

/** Looks at a server as ingest would use it. */
export async function checkServer(
  { baseUrl, token, streams }: IngestSource,
): Promise<readonly Finding[]> {
  const server = await discoverServer(baseUrl);
  const what = `server ${server.instance}`;
  return [
    { level: "ok", what, detail: `Mastodon ${server.version}, streams at ${server.streamingUrl}` },
    await tokenFinding(server, token),
    await streamingFinding(server),
    ...await Promise.all(streams.map(async (stream): Promise<Finding> => {
      const label = `timeline ${streamLabel(stream)} of ${server.instance}`;
      const answer = await timelinePage({ baseUrl: server.baseUrl, token, stream, minId: "0" });
      switch (answer.kind) {
        case "page":
          return { level: "ok", what: label, detail: "open: gaps can be filled" };
        case "closed":
          return {
            level: "warning",
            what: label,
            detail: `closed (${answer.detail}): what is missed while disconnected stays missing; ` +
              "the gaps are recorded",
          };
        case "limited":
          return { level: "warning", what: label, detail: "too many requests: try again later" };
        case "refused":
          return { level: "problem", what: label, detail: "the token is refused: see above" };
        case "failed":
          return { level: "problem", what: label, detail: `${answer.detail}: try again later` };
      }
    })),
  ];
}

async function tokenFinding(server: ServerInfo, token: string | null): Promise<Finding> {
  const what = `token of ${server.instance}`;
  const make =
    `make one at ${server.baseUrl}/settings/applications (scope read:statuses) and set ` +
    "MASTODON_ACCESS_TOKEN";
  if (token === null) {
    return {
      level: "warning",
      what,
      detail: `there is none; Mastodon 4.2 and later want one: ${make}`,
    };
  }
  switch (await checkToken(server, { token })) {
    case "good":
      return { level: "ok", what, detail: "good" };
    case "refused":
      return { level: "problem", what, detail: `wrong or revoked: ${make}` };
    case "unknown":
      return { level: "warning", what, detail: "the server could not be asked: try again later" };
  }
}

async function streamingFinding(server: ServerInfo): Promise<Finding> {
  const what = `streaming of ${server.instance}`;
  const { isUp, detail } = await streamingHealth(server);
  return isUp ? { level: "ok", what, detail } : {
    level: "problem",
    what,
    detail: `${detail}. If the server is up, a proxy may be in the way: see MASTODON_TRANSPORT`,
  };
}

/** Looks at the log's topics. */
export async function checkLog(
  log: EventLog,
  specs: readonly TopicSpec[],
): Promise<readonly Finding[]> {
  return await Promise.all(specs.map(async ({ name }): Promise<Finding> => {
    const what = `topic ${name}`;
    // A missing topic throws with what to do.
    const offsets = await log.offsets(name);
    const records = [...offsets.values()].reduce((sum, { start, end }) => sum + end - start, 0);
    return {
      level: "ok",
      what,
      detail: `${offsets.size} partitions, ${records} records (${log.engine})`,
    };
  }));
}

/** Looks at where ingest stands, and at what it has missed. */
export async function checkIngest(
  db: Database,
  { spooledBytes, now = Date.now }: { spooledBytes: number; now?: () => number },
): Promise<readonly Finding[]> {
  const findings: Finding[] = (await readIngestPositions(db)).map((position) => ({
    level: "ok",
    what: `position in ${position.stream} of ${position.instance}`,
    detail: `toot ${position.lastId ?? "none"}, heard ${minutes(now() - position.seenMs)} ago`,
  }));
  for (const gap of await readGaps(db, { openOnly: true, limit: 20 })) {
    findings.push({
      level: "warning",
      what: `gap in ${gap.stream} of ${gap.instance}`,
      detail: gapText(gap),
    });
  }
  if (spooledBytes > 0) {
    findings.push({
      level: "warning",
      what: "spool",
      detail: `${
        (spooledBytes / 1e6).toFixed(1)
      } MB wait for the log: "deno task ingest" drains it`,
    });
  }
  return findings;
}

/** Looks at settings that are allowed and seldom meant. */
export function checkSettings(
  config: Pick<Config, "AUTHOR_IDS" | "RETENTION_DAYS" | "TOMBSTONE_DAYS" | "CONSENT">,
): readonly Finding[] {
  const findings: Finding[] = [{ level: "ok", what: "settings", detail: "each one can be read" }];
  if (config.AUTHOR_IDS === "plain") {
    findings.push({
      level: "warning",
      what: "AUTHOR_IDS",
      detail: "authors are stored under their names: set it to hmac unless you must know them",
    });
  }
  if (config.RETENTION_DAYS === null) {
    findings.push({
      level: "warning",
      what: "RETENTION_DAYS",
      detail: 'not set, so toots are kept for ever: set it and run "deno task purge" daily',
    });
  }
  return findings;
}

function gapText({ fromMs, toMs, reason, outcome, detail, filled }: Gap): string {
  const from = fromMs === null ? "the beginning" : new Date(fromMs).toISOString();
  const why = detail === "" ? outcome : `${outcome}, ${detail}`;
  return `${from} to ${
    new Date(toMs).toISOString()
  } (${reason}): ${filled} toots fetched, then ${why}`;
}

function minutes(ms: number): string {
  return ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}
