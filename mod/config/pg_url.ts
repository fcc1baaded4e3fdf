/**
 * PostgreSQL addresses, in libpq's spelling and in JDBC's.
 *
 * @module
 */

/** Where a PostgreSQL server is and how to log in. */
export interface PgAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string | null;
  readonly password: string | null;
  /** From `sslmode` (libpq) or `ssl=true` (JDBC); certificates are checked unless it says otherwise. */
  readonly tls: "off" | "verify" | "no-verify";
}

/**
 * Parses `postgresql://…`, `postgres://…` and `jdbc:postgresql://…`; null if it is none of them.
 * JDBC gives the login as query parameters `user` and `password`, and libpq takes `host` and `port`
 * there too. A host that begins with `/` is a folder with a Unix socket.
 *
 * @example
 * ```ts
 * import { parsePgUrl } from "./pg_url.ts";
 * const address = parsePgUrl("jdbc:postgresql://db:5433/airflow?user=a&password=b");
 * if (address?.port !== 5433 || address.user !== "a") throw new Error();
 * ```
 */
export function parsePgUrl(value: string): PgAddress | null {
  const plain = value.replace(/^jdbc:/, "");
  if (!/^postgres(ql)?:\/\//.test(plain) || !URL.canParse(plain)) return null;
  const url = new URL(plain);
  const query = url.searchParams;
  const host = query.get("host") || decode(url.hostname.replace(/^\[|\]$/g, ""));
  const port = Number(query.get("port") || url.port || "5432");
  const database = decode(url.pathname.slice(1));
  if (host === null || !/^[^\s,]+$/.test(host) || !(port >= 1 && port <= 65_535)) return null;
  if (database === null || database === "" || database.includes("/")) return null;
  const user = decode(url.username);
  const password = decode(url.password);
  if (user === null || password === null) return null;
  return {
    host,
    port,
    database,
    user: user || query.get("user"),
    password: password || query.get("password"),
    tls: tlsMode(query),
  };
}

function tlsMode(query: URLSearchParams): PgAddress["tls"] {
  const mode = query.get("sslmode") ?? (query.get("ssl") === "true" ? "verify-full" : "disable");
  if (mode === "disable" || mode === "allow" || mode === "prefer") return "off";
  return mode === "require" ? "no-verify" : "verify";
}

function decode(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
