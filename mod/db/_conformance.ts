import { assert, assertEquals, assertRejects } from "@std/assert";
import { BinaryCopy } from "./binary_copy.ts";
import type { Database } from "./database.ts";
import { isRetryable } from "./retryable.ts";

/** Text that arrays, COPY and quoting get wrong when they get anything wrong. */
const TRICKY = [
  "",
  "NULL",
  "null",
  `a"b`,
  "a\\b",
  "{a,b}",
  "a,b",
  " a ",
  "\t\r\n",
  "'",
  "木🐘\u0001",
];

/** What every adapter of the port must do: registers one test for each point. */
export function testConformance(adapter: string, open: () => Promise<Database>): void {
  const test = (name: string, body: (db: Database) => Promise<void>) =>
    Deno.test(`${adapter}: ${name}`, async () => {
      await using db = await open();
      await db.script("DROP TABLE IF EXISTS everything; DROP TABLE IF EXISTS pairs");
      await body(db);
    });

  test("query() gives the same values for the same SQL", async (db) => {
    const rows = await db.query(`SELECT
      9223372036854775807::int8 AS int8, 0.1::numeric AS numeric, 7::int4 AS int4, 7::int2 AS int2,
      0.1::float8 AS float8, 'infinity'::float8 AS inf, true AS bool, NULL::text AS nothing,
      '2026-01-05 10:00:00.123+00'::timestamptz AS timestamptz,
      '2026-01-05 10:00:00.123'::timestamp AS timestamp, '2026-01-05'::date AS date,
      '-infinity'::timestamptz AS never, '{"a":[1,null]}'::jsonb AS jsonb, '[1]'::json AS json,
      ARRAY['a', NULL, 'NULL', 'b"c']::text[] AS texts, ARRAY[1, 2]::int4[] AS int4s,
      '{}'::text[] AS none, count(*) AS count, avg(1) AS avg`);
    assertEquals(rows, [{
      int8: "9223372036854775807",
      numeric: "0.1",
      int4: 7,
      int2: 7,
      float8: 0.1,
      inf: Infinity,
      bool: true,
      nothing: null,
      timestamptz: new Date("2026-01-05T10:00:00.123Z"),
      timestamp: new Date("2026-01-05T10:00:00.123Z"),
      date: "2026-01-05",
      never: new Date(-8.64e15),
      jsonb: { a: [1, null] },
      json: [1],
      texts: ["a", null, "NULL", 'b"c'],
      int4s: [1, 2],
      none: [],
      count: "1",
      avg: "1.00000000000000000000",
    }]);
    const [row] = await db.query("SELECT $1::bytea AS bytes", [new Uint8Array([0, 255, 92, 39])]);
    assert(row?.bytes instanceof Uint8Array);
    assertEquals(Array.from(row.bytes), [0, 255, 92, 39]);
  });

  test("query() binds every kind of value, alone and in arrays", async (db) => {
    const date = new Date("2026-01-05T10:00:00.123Z");
    const early = new Date("1970-01-01T00:00:00.000Z");
    const rows = await db.query(
      `SELECT $1::text AS t, $2::int8 AS i, $3::int8 AS big, $4::bool AS b, $5::timestamptz AS d,
              $6::text AS n, $7::text[] AS ts, $8::int8[]::text[] AS is, $9::timestamptz[] AS ds,
              $10::bool[] AS bs, $11::float8[] AS fs, $12::text[] AS none`,
      [
        `'"\\{}`,
        2 ** 53 - 1,
        2n ** 63n - 1n,
        false,
        date,
        null,
        [...TRICKY, null],
        [1, 2n ** 63n - 1n, null, "-5"],
        [date, early, null],
        [true, false, null],
        [0.1, 1e-300, null],
        [],
      ],
    );
    const [row] = rows;
    assertEquals([row?.t, row?.i, row?.big], [`'"\\{}`, "9007199254740991", "9223372036854775807"]);
    assertEquals([row?.b, row?.d, row?.n, row?.none], [false, date, null, []]);
    assertEquals(row?.ts, [...TRICKY, null]);
    assertEquals(row?.is, ["1", "9223372036854775807", null, "-5"]);
    assertEquals(row?.ds, [date, early, null]);
    assertEquals([row?.bs, row?.fs], [[true, false, null], [0.1, 1e-300, null]]);
    const bytes = [new Uint8Array([0, 92, 34, 255]), new Uint8Array()];
    const found = await db.query("SELECT octet_length(b) AS n, b FROM unnest($1::bytea[]) b", [
      bytes,
    ]);
    assertEquals(found.map(({ n, b }) => [n, b instanceof Uint8Array && Array.from(b)]), [
      [4, [0, 92, 34, 255]],
      [0, []],
    ]);
  });

  test("days are UTC's", async (db) => {
    const rows = await db.query(
      `SELECT '2026-01-05T23:30:00Z'::timestamptz::date AS late,
      '2026-01-05T00:30:00Z'::timestamptz::date AS early, $1::timestamptz::timestamp AS local`,
      [
        new Date("2026-07-05T23:30:00Z"),
      ],
    );
    assertEquals(rows, [{
      late: "2026-01-05",
      early: "2026-01-05",
      local: new Date("2026-07-05T23:30:00Z"),
    }]);
  });

  test("transaction() commits when its work resolves and leaves nothing when it throws", async (db) => {
    await db.script("CREATE TABLE pairs (k int PRIMARY KEY, v text)");
    const result = await db.transaction(async (tx) => {
      await tx.query("INSERT INTO pairs VALUES ($1, $2)", [1, "one"]);
      await tx.script("INSERT INTO pairs VALUES (2, 'two'); INSERT INTO pairs VALUES (3, 'three')");
      return "done";
    });
    assertEquals(result, "done");
    class Stop extends Error {}
    await assertRejects(
      () =>
        db.transaction(async (tx) => {
          await tx.query("DELETE FROM pairs");
          throw new Stop();
        }),
      Stop,
    );
    const conflict = await assertRejects(() =>
      db.transaction(async (tx) => {
        await tx.query("INSERT INTO pairs VALUES (4, 'four')");
        await tx.query("INSERT INTO pairs VALUES (1, 'again')");
      })
    );
    assert(isRetryable(conflict), "a conflict carries its SQLSTATE");
    assertEquals((await db.query("SELECT count(*) AS n FROM pairs"))[0]?.n, "3");
  });

  test("a transaction's opening is part of it", async (db) => {
    await db.script("CREATE TABLE pairs (k int PRIMARY KEY, v text)");
    const opening = "INSERT INTO pairs VALUES (1, 'one'); SET LOCAL lock_timeout = '7s'";
    const seen = await db.transaction(
      (tx) => tx.query("SELECT v, current_setting('lock_timeout') AS patience FROM pairs"),
      { opening },
    );
    assertEquals(seen, [{ v: "one", patience: "7s" }]);
    const rest = await db.query("SELECT current_setting('lock_timeout') AS patience");
    assertEquals(rest, [{ patience: "0" }]);
    let worked = false;
    const work = () => Promise.resolve(void (worked = true));
    await assertRejects(() => db.transaction(work, { opening }), Error, "pairs_pkey");
    assertEquals(worked, false);
    class Stop extends Error {}
    const stop = () => Promise.reject(new Stop());
    await assertRejects(
      () => db.transaction(stop, { opening: "INSERT INTO pairs VALUES (2, 'two')" }),
      Stop,
    );
    assertEquals((await db.query("SELECT k FROM pairs")).map(({ k }) => k), [1]);
  });

  test("statements sent together run in the order of the calls", async (db) => {
    await db.script("CREATE TABLE pairs (k int PRIMARY KEY, v text)");
    const copy = new BinaryCopy(2);
    copy.row().int4(2).text("copied");
    const answers = await db.transaction((tx) =>
      Promise.all([
        tx.query("SELECT pg_sleep(0.05), count(*) AS n FROM pairs"),
        tx.query("INSERT INTO pairs VALUES ($1, $2)", [1, "one"]),
        tx.copyIn("pairs (k, v)", copy.finish()),
        tx.script("UPDATE pairs SET v = v || '!'"),
        tx.query("SELECT v FROM pairs ORDER BY k"),
      ])
    );
    assertEquals(answers[0][0]?.n, "0");
    assertEquals(answers[4], [{ v: "one!" }, { v: "copied!" }]);
  });

  test("of statements sent together the first that fails is told, and nothing stays", async (db) => {
    await db.script("CREATE TABLE pairs (k int PRIMARY KEY, v text)");
    const twice = new BinaryCopy(2);
    for (const k of [1, 1]) twice.row().int4(k).text("x");
    const late = Promise.withResolvers<void>();
    let tooLate: Promise<unknown> | null = null;
    const conflict = await assertRejects(() =>
      db.transaction(async (tx) => {
        tooLate = late.promise.then(() => tx.query("INSERT INTO pairs VALUES (9, 'late')"));
        tooLate.catch(() => {});
        // What fails first is known here last.
        const deep = async (depth: number): Promise<void> =>
          depth > 0 ? await deep(depth - 1) : await tx.copyIn("pairs (k, v)", twice.finish());
        await Promise.all([
          tx.query("INSERT INTO pairs VALUES (0, 'first')"),
          deep(50),
          tx.query("INSERT INTO pairs VALUES (3, 'behind')"),
          tx.copyIn("no_such_table (k)", twice.finish()),
        ]);
      })
    );
    assert(isRetryable(conflict), "the conflict, not what came of it");
    // What a transaction sends after its end must not run outside of it.
    late.resolve();
    await assertRejects(async () => await tooLate, Error);
    assertEquals(await db.query("SELECT k FROM pairs"), []);
    await db.transaction((tx) => tx.query("INSERT INTO pairs VALUES (5, 'after')"));
    assertEquals((await db.query("SELECT k FROM pairs")).map(({ k }) => k), [5]);
  });

  test("copyIn() writes every type as SQL would", async (db) => {
    await db.script(
      `CREATE TABLE everything (k int, t text, i int8, f float8, b bool, z timestamptz,
      u timestamp, a text[], j jsonb)`,
    );
    const times = [
      "1970-01-01T00:00:00.000Z",
      "1999-12-31T23:59:59.999Z",
      "9999-12-31T23:59:59.999Z",
    ];
    const json = JSON.stringify({ "ключ": ["🐘", null, 1e21, { "": "\\u0000" }] });
    const texts = [...TRICKY, "x".repeat(300_000)];
    const copy = new BinaryCopy(9, { capacity: 1 });
    texts.forEach((text, k) => {
      const ms = Date.parse(times[k % times.length] ?? "");
      copy.row().int4(k).text(text).int8(k % 2 === 0 ? "9223372036854775807" : -k).float8(0.1 * k)
        .bool(k % 2 === 0).timestamp(ms).timestamp(ms).textArray(k === 0 ? [] : [text, "b"])
        .jsonb(json);
    });
    copy.row().int4(-1).text(null).null().null().null().timestamp(null).null().null().jsonb(null);
    await db.copyIn("everything (k, t, i, f, b, z, u, a, j)", copy.finish());
    const rows = await db.query("SELECT * FROM everything ORDER BY k");
    assertEquals(rows.length, texts.length + 1);
    assertEquals(Object.values(rows[0] ?? {}), [-1, ...Array(8).fill(null)]);
    texts.forEach((text, k) => {
      const time = new Date(times[k % times.length] ?? "");
      assertEquals(rows[k + 1], {
        k,
        t: text,
        i: k % 2 === 0 ? "9223372036854775807" : String(-k),
        f: 0.1 * k,
        b: k % 2 === 0,
        z: time,
        u: time,
        a: k === 0 ? [] : [text, "b"],
        j: JSON.parse(json),
      });
    });
  });

  test("copyIn() is part of its transaction, and its errors are the statement's", async (db) => {
    await db.script("CREATE TABLE pairs (k int PRIMARY KEY, v text)");
    const payload = (...keys: number[]) => {
      const copy = new BinaryCopy(2);
      for (const key of keys) copy.row().int4(key).text("x");
      return copy.finish();
    };
    const conflict = await assertRejects(() =>
      db.transaction(async (tx) => {
        await tx.copyIn("pairs (k, v)", payload(1, 2));
        await tx.copyIn("pairs (k, v)", payload(3, 1));
      })
    );
    assert(isRetryable(conflict), "a conflict carries its SQLSTATE");
    await db.transaction(async (tx) => {
      await tx.copyIn("pairs (k, v)", payload(1, 2));
      const [row] = await tx.query("SELECT count(*) AS n FROM pairs");
      assertEquals(row?.n, "2");
    });
    await assertRejects(() => db.copyIn("pairs (k, v)", payload(3).subarray(0, 30)), Error);
    await assertRejects(() => db.copyIn("no_such_table (k)", payload(3)), Error, "no_such_table");
    await db.copyIn("pairs (k, v)", payload());
    assertEquals((await db.query("SELECT count(*) AS n FROM pairs"))[0]?.n, "2");
  });

  test("transactions begun at once do not mix", async (db) => {
    await db.script("CREATE TABLE pairs (k int PRIMARY KEY, v text)");
    const insert = (k: number) =>
      db.transaction(async (tx) => {
        await tx.query("INSERT INTO pairs VALUES ($1, 'x')", [k]);
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (k % 2 === 1) throw new Error("odd");
      });
    const results = await Promise.allSettled([0, 1, 2, 3, 4, 5].map(insert));
    assertEquals(results.filter(({ status }) => status === "fulfilled").length, 3);
    assertEquals((await db.query("SELECT k FROM pairs ORDER BY k")).map(({ k }) => k), [0, 2, 4]);
  });
}
