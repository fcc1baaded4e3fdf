import { assert, assertEquals, assertGreater, assertLess, assertMatch } from "@std/assert";
import { tempDir } from "../testing/temp_dir.ts";

const ROOT = decodeURIComponent(new URL("../..", import.meta.url).pathname);

/** What a first run may download, in bytes. */
const MOST_BYTES = 150e6;

/** Somebody without any rights; by number, so that no such account need exist. */
const NOBODY = 65_534;

const CHARTS = [
  "part5_sentiment_distribution",
  "part5_sentiment_by_day_stacked",
  "part5_toots_per_day",
  "part5_top_hashtags",
];

/** A clone of the newest commit, and an empty home beside it. */
interface Newcomer extends AsyncDisposable {
  readonly clone: string;
  readonly home: string;
  /** Runs the demo as the README tells; gives its output. */
  demo(limitMs: number): Promise<string>;
}

async function newcomer(user: "root" | "ordinary" | "self"): Promise<Newcomer> {
  const dir = await tempDir();
  const [clone, home] = [`${dir.path}/clone`, `${dir.path}/home`];
  await run(["git", "clone", "--quiet", ROOT, clone], { cwd: dir.path, env: Deno.env.toObject() });
  await Deno.mkdir(home);
  if (user === "ordinary") {
    await Deno.chmod(dir.path, 0o755);
    await run(["chown", "-R", `${NOBODY}:${NOBODY}`, clone, home], { cwd: dir.path, env: {} });
  }
  const command = await exists(await which("npx"))
    ? ["npx", "-y", "deno@2.9.6", "task", "demo"]
    : [Deno.execPath(), "task", "demo"];
  const ids = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
  return {
    clone,
    home,
    demo: (limitMs) =>
      run(user === "ordinary" ? ["setpriv", ...ids, ...command] : command, {
        cwd: clone,
        env: { ...bareEnvironment(), HOME: home },
        limitMs,
      }),
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

/** The environment less all that could point to something installed or set up before. */
function bareEnvironment(): Record<string, string> {
  const kept =
    /^(PATH|LANG|TMPDIR|.*(CERT|CA_BUNDLE|CERTS|CAINFO|_proxy|_PROXY).*|DENO_TLS_CA_STORE|npm_config_(registry|cafile))$/i;
  const entries = Object.entries(Deno.env.toObject()).filter(([name]) => kept.test(name));
  return { ...Object.fromEntries(entries), NO_COLOR: "1" };
}

async function run(
  [program = "", ...args]: readonly string[],
  { cwd, env, limitMs = 60_000 }: { cwd: string; env: Record<string, string>; limitMs?: number },
): Promise<string> {
  const { PATH = "/usr/bin:/bin" } = Deno.env.toObject();
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd,
    env: { PATH, ...env },
    clearEnv: true,
    stdin: "null",
    signal: AbortSignal.timeout(limitMs),
  }).output();
  const text = new TextDecoder().decode(stdout);
  assertEquals(code, 0, `${program} ${args.join(" ")}\n${text}${new TextDecoder().decode(stderr)}`);
  return text;
}

async function which(program: string): Promise<string> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    if (await exists(`${folder}/${program}`)) return `${folder}/${program}`;
  }
  return "";
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  if (!await exists(folder)) return 0;
  for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
    if (isDirectory) bytes += await bytesIn(`${folder}/${name}`);
    else if (isFile) bytes += (await Deno.stat(`${folder}/${name}`)).size;
  }
  return bytes;
}

/** A limit for a machine that this test has for itself; longer where others crowd it. */
function within(seconds: number): number {
  const [load = 0] = Deno.loadavg();
  return 1000 * seconds * Math.max(1, load / navigator.hardwareConcurrency);
}

async function checkNewcomer(user: "root" | "ordinary" | "self"): Promise<void> {
  await using self = await newcomer(user);
  const first = await self.demo(within(180));
  const again = await self.demo(within(60));
  assertMatch(first, /^Done in \d+ s\.$/m);
  assertMatch(again, /^Done in \d+ s\. This stream was here from an earlier run/m);
  const stored = /^ {2}Stored .*$/m;
  assertEquals(stored.exec(again)?.[0], stored.exec(first)?.[0]);
  for (const name of CHARTS) {
    const { size } = await Deno.stat(`${self.clone}/reports/${name}.png`);
    assertGreater(size, 10_000, name);
  }
  // Packages lie unpacked in Deno's cache: what came over the wire is less.
  const bytes = await bytesIn(`${self.home}/.npm/_cacache`) +
    await bytesIn(`${self.home}/.cache/deno/npm`);
  assertGreater(bytes, 10e6, "the cache should be where it was looked for");
  assertLess(bytes, MOST_BYTES);
  const changed = await run(["git", "status", "--porcelain"], {
    cwd: self.clone,
    env: {
      HOME: self.home,
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "safe.directory",
      GIT_CONFIG_VALUE_0: "*",
    },
  });
  assertEquals(changed, "", "a run should change no file of the repository");
}

const isRoot = Deno.uid() === 0;

Deno.test(`a fresh clone runs the demo twice${isRoot ? " as root" : ""}`, () => {
  return checkNewcomer(isRoot ? "root" : "self");
});

Deno.test({
  name: "a fresh clone runs the demo twice as an ordinary user",
  ignore: !isRoot || await which("setpriv") === "",
  fn: () => checkNewcomer("ordinary"),
});

Deno.test("the lock holds nothing heavy", async () => {
  const lock = await Deno.readTextFile(`${ROOT}deno.lock`);
  for (const name of ["danfojs", "tensorflow", "natural@", "playwright", "mongoose", "redis"]) {
    assert(!lock.includes(name), name);
  }
});
