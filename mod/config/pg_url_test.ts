import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parsePgUrl, type PgAddress } from "./pg_url.ts";

const plain: PgAddress = {
  host: "db",
  port: 5432,
  database: "airflow",
  user: null,
  password: null,
  tls: "off",
};

Deno.test("parsePgUrl() reads libpq's and JDBC's spellings alike", () => {
  const cases: readonly [url: string, address: Partial<PgAddress>][] = [
    ["postgresql://db/airflow", {}],
    ["postgres://db/airflow", {}],
    ["jdbc:postgresql://db/airflow", {}],
    ["postgresql://db:5433/airflow", { port: 5433 }],
    ["jdbc:postgresql://db:5433/airflow?user=a&password=b", {
      port: 5433,
      user: "a",
      password: "b",
    }],
    ["postgresql://a:b@db/airflow", { user: "a", password: "b" }],
    ["postgresql://a@db/airflow", { user: "a" }],
    ["postgresql://a%40b:p%40ss%2Fw%3A%25@db/airflow", { user: "a@b", password: "p@ss/w:%" }],
    ["postgresql://a:x@db/airflow?user=c&password=d", { user: "a", password: "x" }],
    ["postgresql://my_db-1.local/airflow", { host: "my_db-1.local" }],
    ["postgresql://127.0.0.1/airflow", { host: "127.0.0.1" }],
    ["postgresql://[::1]:5433/airflow", { host: "::1", port: 5433 }],
    ["postgresql://db/caf%C3%A9%20x", { database: "café x" }],
    ["postgresql:///airflow?host=/var/run/postgresql", { host: "/var/run/postgresql" }],
    ["postgresql:///airflow?host=/tmp&port=5433", { host: "/tmp", port: 5433 }],
    ["postgresql://%2Ftmp/airflow", { host: "/tmp" }],
    ["postgresql:///airflow?host=other", { host: "other" }],
    ["postgresql://db:1/airflow?host=/tmp&port=5433", { host: "/tmp", port: 5433 }],
    ["postgresql://db/airflow?sslmode=require", { tls: "no-verify" }],
    ["postgresql://db/airflow?sslmode=verify-full", { tls: "verify" }],
    ["postgresql://db/airflow?sslmode=verify-ca", { tls: "verify" }],
    ["postgresql://db/airflow?sslmode=prefer", { tls: "off" }],
    ["jdbc:postgresql://db/airflow?ssl=true", { tls: "verify" }],
    ["jdbc:postgresql://db/airflow?ssl=true&sslmode=disable", { tls: "off" }],
  ];
  for (const [url, address] of cases) assertEquals(parsePgUrl(url), { ...plain, ...address }, url);
});

Deno.test("parsePgUrl() takes nothing else", () => {
  const bad = [
    "",
    "db",
    "mysql://db/airflow",
    "postgresql:airflow",
    "jdbc:postgresql:airflow",
    "jdbc:mysql://db/airflow",
    "postgresql://db",
    "postgresql://db/",
    "postgresql:///airflow",
    "postgresql://db/a/b",
    "postgresql://db:99999/airflow",
    "postgresql://db:0/airflow",
    "postgresql://db/airflow?port=none",
    "postgresql://one,two/airflow",
    "postgresql://db/%ff",
    "postgresql://%ff@db/airflow",
    "postgresql://db /airflow",
  ];
  for (const url of bad) assertEquals(parsePgUrl(url), null, url);
});

Deno.test("parsePgUrl() never throws", () => {
  const part = fc.constantFrom(
    "postgresql://",
    "jdbc:",
    "@",
    ":",
    "/",
    "?",
    "host=",
    "%",
    "a",
    "[",
    "9",
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(part, fc.string({ maxLength: 3 })), { maxLength: 8 }),
      (parts) => {
        parsePgUrl(`postgresql://${parts.join("")}`);
      },
    ),
    { numRuns: 1000 },
  );
});
