import { assert, assertEquals, assertGreater } from "@std/assert";
import { Random } from "../mastodon/simulator/random.ts";
import { openEmbedded } from "../db/embedded.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { dumpTables, hashFiles, makePlace, type Place } from "./_demo_process.ts";

const DEMO = ["--events", "1500"];

/** How often each of six databases sees the demo killed before it may end: 20 times in all. */
const KILLS = [1, 5, 2, 4, 3, 5];

/** What an undisturbed demo leaves, and how long one takes on this machine, in ms. */
interface Undisturbed {
  readonly tables: Record<string, string[]>;
  readonly files: Record<string, string>;
  readonly firstMs: number;
  readonly againMs: number;
}

async function runToEnd(place: Place): Promise<number> {
  const started = performance.now();
  await using demo = await place.start("demo", DEMO);
  const { code } = await demo.end(180_000);
  assertEquals(code, 0, demo.output);
  return performance.now() - started;
}

async function readTables(place: Place): Promise<Record<string, string[]>> {
  await using db = await place.open();
  return await dumpTables(db);
}

async function undisturbed(): Promise<Undisturbed> {
  await using place = await makePlace();
  const firstMs = await runToEnd(place);
  const tables = await readTables(place);
  const files = await hashFiles(place.reports);
  const againMs = await runToEnd(place);
  assertEquals(await readTables(place), tables, "a second run should change nothing");
  assertEquals(await hashFiles(place.reports), files, "a second run should draw the same");
  return { tables, files, firstMs, againMs };
}

/** Rows that were committed when the process died, looked up in a copy of its database. */
async function committedRows(place: Place): Promise<number> {
  await using copy = await tempDir();
  const { code } = await new Deno.Command("cp", {
    args: ["-r", `${place.path}/.`, copy.path],
  }).output();
  assertEquals(code, 0);
  await using db = await openEmbedded(`${copy.path}/pg`);
  const [table] = await db.query("SELECT to_regclass('masto.toots_raw')::text AS name");
  if (table?.name === null) return 0;
  const [row] = await db.query("SELECT count(*)::int AS n FROM masto.toots_raw");
  return Number(row?.n ?? 0);
}

/** Starts the demo and kills it after about `delayMs`, sooner where it would be too late. */
async function killOnce(place: Place, delayMs: number): Promise<void> {
  for (let delay = delayMs;; delay *= 0.7) {
    await using demo = await place.start("demo", DEMO);
    await new Promise((resolve) => setTimeout(resolve, delay));
    if (!demo.running) continue;
    const { signal } = await demo.kill9();
    // It may have ended by itself in the last moment.
    if (signal === "SIGKILL") return;
  }
}

Deno.test("a demo killed at 20 random moments ends like an undisturbed one", async (t) => {
  const random = new Random(3);
  const wanted = await undisturbed();
  // One in each twentieth of a run.
  const moments = Array.from({ length: 20 }, (_, i) => (i + random.float()) / 20);
  let withRows = 0;
  for (const kills of KILLS) {
    await t.step(`killed ${kills} times`, async () => {
      await using place = await makePlace();
      for (let kill = 0; kill < kills; kill++) {
        // Not in the order of time, so that early and late moments meet in one database.
        const [moment] = moments.splice(random.below(moments.length), 1);
        assert(moment !== undefined);
        const wholeMs = kill === 0 ? wanted.firstMs : wanted.againMs;
        await killOnce(place, wholeMs * moment);
        if (await committedRows(place) > 0) withRows++;
      }
      await runToEnd(place);
      assertEquals(await readTables(place), wanted.tables);
      const files = await hashFiles(place.reports);
      for (const [name, hash] of Object.entries(wanted.files)) {
        assertEquals(files[name], hash, name);
      }
    });
  }
  assertEquals(moments, []);
  assertGreater(withRows, 5, "several kills should meet a database that holds rows");
});

Deno.test("a demo killed while it makes its database starts again", async () => {
  for (const delay of [0, 1, 3]) {
    await using place = await makePlace();
    {
      await using demo = await place.start("demo", ["--events", "50"]);
      // Written near the end of the making.
      while (!await exists(`${place.path}/pg/PG_VERSION`)) {
        assert(demo.running, demo.output);
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
      await new Promise((resolve) => setTimeout(resolve, delay));
      assertEquals((await demo.kill9()).signal, "SIGKILL");
    }
    await using again = await place.start("demo", ["--events", "50"]);
    assertEquals((await again.end(120_000)).code, 0, again.output);
  }
});

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}
