/** `deno task purge`: removes what is too old, or an author's or a domain's toots. */
import {
  purgeEmbeddedLog,
  purgeMarks,
  purgeOldToots,
  type PurgeTarget,
  purgeToots,
  trimEmbeddedLog,
} from "../mod/ingest/purge.ts";
import { openEngines } from "../mod/ops/engines.ts";
import { integerFlag, JobError, runJob, textFlag } from "../mod/ops/job.ts";
import { normalizeRules } from "../mod/ops/rules.ts";
import { print } from "../mod/ops/terminal.ts";

const DAY_MS = 86_400_000;

await runJob({
  name: "purge",
  summary: "Removes toots above RETENTION_DAYS and expired tombstones; or an author, or a domain.",
  flags: {
    author: { type: "string", value: "USER@HOST", help: "Remove this author's toots." },
    "account-id": { type: "string", value: "ID", help: "The same, by the stored name." },
    domain: { type: "string", value: "HOST", help: "Remove the toots of this server's authors." },
    "older-than-days": { type: "string", value: "N", help: "Instead of RETENTION_DAYS." },
    "dry-run": { type: "boolean", help: "Only count." },
  },
  async run({ config, flags, signal }) {
    const dryRun = flags["dry-run"] === true;
    const verb = dryRun ? "would be removed" : "removed";
    const rules = await normalizeRules(config);
    const target = targetOf({
      author: textFlag(flags, "author"),
      accountId: textFlag(flags, "account-id"),
      domain: textFlag(flags, "domain"),
      nameOf: (address) => rules.pseudonym?.(address.toLowerCase()) ?? address,
    });
    await using engines = await openEngines(config);
    const { db, log } = engines;
    if (target !== null) {
      const toots = await purgeToots(db, { target, options: { dryRun, signal } });
      print(`Toots ${verb}, predictions and windows included: ${toots}`);
      if (log.engine === "embedded") {
        const records = await purgeEmbeddedLog(db, { target, topic: config.KAFKA_TOPIC, dryRun });
        print(`Records of the log ${verb}: ${records}`);
      } else {
        print("Kafka keeps its records until the topic's retention.ms: nothing is removed there");
      }
      return;
    }
    const now = Date.now();
    const days = integerFlag(flags, {
      name: "older-than-days",
      min: 1,
      max: 36_500,
      fallback: config.RETENTION_DAYS ?? 0,
    });
    if (days > 0) {
      const toots = await purgeOldToots(db, {
        beforeMs: now - days * DAY_MS,
        options: { dryRun, signal },
      });
      print(`Toots older than ${days} days ${verb}: ${toots} (windows stay)`);
    } else {
      print("RETENTION_DAYS is not set: toots of any age stay");
    }
    const beforeMs = now - config.TOMBSTONE_DAYS * DAY_MS;
    const marks = await purgeMarks(db, { beforeMs, dryRun });
    print(`Tombstones older than ${config.TOMBSTONE_DAYS} days ${verb}: ${marks.tombstones}`);
    print(`Records of filled gaps ${verb}: ${marks.gaps}`);
    if (log.engine === "embedded") {
      print(`Records of the log ${verb}: ${await trimEmbeddedLog(db, { beforeMs, dryRun })}`);
    }
  },
});

function targetOf({ author, accountId, domain, nameOf }: {
  author: string | null;
  accountId: string | null;
  domain: string | null;
  nameOf: (address: string) => string;
}): PurgeTarget | null {
  if ([author, accountId, domain].filter((given) => given !== null).length > 1) {
    throw new JobError("Give one of --author, --account-id and --domain");
  }
  if (accountId !== null) return { kind: "author", accountId };
  if (author !== null) {
    const address = author.replace(/^@/, "");
    if (!/^[^@\s]+@[^@\s/]+$/.test(address)) {
      throw new JobError(`--author holds "${author}": it should be user@host`);
    }
    return { kind: "author", accountId: nameOf(address) };
  }
  if (domain === null) return null;
  if (!/^[^\s/:@]+$/.test(domain)) {
    throw new JobError(`--domain holds "${domain}": it should be a host name such as a.example`);
  }
  return { kind: "domain", domain: domain.toLowerCase() };
}
