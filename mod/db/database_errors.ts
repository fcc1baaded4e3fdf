/**
 * What the errors of a database mean for whoever runs a job: one line that says what is wrong and
 * what to do.
 *
 * @module
 */
import { codeOf, isOutage } from "./retryable.ts";

/** The database cannot be used as it is set up: its message says why and how to mend it. */
export class DatabaseUnusableError extends Error {
  override readonly name = "DatabaseUnusableError";
}

/** What to do, by SQLSTATE. Source: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const REMEDIES: Readonly<Record<string, string>> = {
  "28P01": "refuses the login: correct PG_USER and PG_PASS, or the login in PG_URL",
  "28000": "refuses the login: correct PG_USER and PG_URL, or let this user in (pg_hba.conf)",
  "3D000": "has no such database: create it or correct PG_URL",
  "3F000": "has no schema masto: run any task once as the database's owner",
  "42P01": "lacks a table: run any task once as the database's owner",
  "42501": "does not permit this: run any task once as the database's owner, which makes the " +
    "schema, and give this user a role of sql/grants.sql",
  "53100": "has no room on its disk: make some",
  "53300": "has no connection to spare: raise max_connections or stop other clients",
  "57014": "took longer than a statement may: see whether it is overloaded",
};

/**
 * One line about a database's error; null if it is none of a kind that somebody can mend.
 *
 * @example
 * ```ts
 * import { explainDatabaseError } from "./database_errors.ts";
 * const error = Object.assign(new Error("role x"), { code: "28P01" });
 * if (!explainDatabaseError(error)?.includes("PG_PASS")) throw new Error();
 * ```
 */
export function explainDatabaseError(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const code = codeOf(error) ?? "";
  const said = (error.message || code).replaceAll(/\s+/g, " ").trim();
  const tell = (remedy: string) => {
    const [what, ...rest] = remedy.split(": ");
    return `The database ${what} (${said}): ${rest.join(": ")}`;
  };
  const remedy = REMEDIES[code];
  if (remedy !== undefined) return tell(remedy);
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return tell("has no known address: correct the host in PG_URL");
  }
  if (code === "ECONNREFUSED") return tell("does not answer: start it or correct PG_URL");
  // Other programs' connections break too: only the driver's own words are surely about this one.
  if (/SSL connections|certificate/.test(said) && code === "") {
    return tell("does not agree on encryption: correct sslmode in PG_URL");
  }
  return isOutage(error) ? tell("is away: start it and try again") : null;
}
