/** `deno task doctor`: checks every connection, token and setting, and says how to mend it. */
import { ingestSources } from "../mod/ingest/sources.ts";
import { Spool } from "../mod/ingest/spool.ts";
import {
  check,
  checkIngest,
  checkLog,
  checkServer,
  checkSettings,
  type Finding,
  findingLine,
} from "../mod/ops/doctor.ts";
import { openEngines, topicSpecs } from "../mod/ops/engines.ts";
import { JobError, runJob } from "../mod/ops/job.ts";
import { print } from "../mod/ops/terminal.ts";
import { findModel } from "../mod/sentiment/mod.ts";

await runJob({
  name: "doctor",
  summary: "Checks every connection, token and setting, and says how to mend what is wrong.",
  async run({ config }) {
    const secrets = [config.PG_PASS, config.PG_URL?.password, config.KAFKA_SASL_PASSWORD]
      .filter((secret) => typeof secret === "string");
    const all: Finding[] = [];
    const tell = (findings: readonly Finding[]) => {
      all.push(...findings);
      for (const finding of findings) print(findingLine(finding));
    };
    tell(checkSettings(config));
    if (config.MASTODON_BASE_URL === null && config.MASTODON_CONFIG === null) {
      tell([{
        level: "warning",
        what: "MASTODON_BASE_URL",
        detail: "not set: there is no server to follow, only the demo",
      }]);
    } else {
      tell(
        await check("servers", {
          secrets,
          run: async () => {
            const sources = await ingestSources(config);
            // Those of MASTODON_CONFIG are in no setting.
            secrets.push(...sources.flatMap(({ token }) => token ?? []));
            const found = await Promise.all(
              sources.map((source) =>
                check(`server ${source.baseUrl}`, {
                  secrets,
                  run: () => checkServer(source),
                })
              ),
            );
            return found.flat();
          },
        }),
      );
    }
    tell(
      await check("log and database", {
        secrets,
        run: async () => {
          await using engines = await openEngines(config);
          await using spool = await Spool.open(`${config.DATA_DIR}/spool`, { maxBytes: 0 });
          return [
            {
              level: "ok",
              what: "database",
              detail: `open (${engines.db.engine}), schema up to date`,
            },
            ...await check("topics", {
              secrets,
              run: () => checkLog(engines.log, topicSpecs(config)),
            }),
            ...await check("ingest", {
              secrets,
              run: () => checkIngest(engines.db, { spooledBytes: spool.bytes }),
            }),
          ];
        },
      }),
    );
    tell(
      await check("model", {
        secrets,
        run: async () => {
          const { metadata } = await findModel({ modelDir: config.MODEL_DIR });
          return [{ level: "ok", what: "model", detail: metadata.version }];
        },
      }),
    );
    const problems = all.filter(({ level }) => level === "problem").length;
    if (problems > 0) throw new JobError(`${problems} of ${all.length} checks found a problem`);
    print(`${all.length} checks, no problem`);
  },
});
