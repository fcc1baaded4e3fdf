import { assert, assertEquals, assertFalse, assertMatch, assertThrows } from "@std/assert";
import { ConfigError } from "../config/config.ts";
import { helpText, integerFlag, type Job, textFlag } from "./job.ts";

const job: Job = {
  name: "toast",
  summary: "Makes toast.",
  flags: {
    slices: { type: "string", value: "N", help: "How many." },
    butter: { type: "boolean", help: "With butter." },
  },
  run: () => Promise.resolve(),
};

Deno.test("helpText() names the task, its flags in a column, and where settings come from", () => {
  assertEquals(
    helpText(job),
    [
      "deno task toast",
      "Makes toast.",
      "",
      "  --slices N  How many.",
      "  --butter    With butter.",
      "  --help      Show this.",
      "",
      "Settings come from the environment and .env: see .env.example.",
    ].join("\n"),
  );
});

Deno.test("integerFlag() and textFlag() read what was given, or nothing", () => {
  const range = { name: "n", min: 1, max: 10, fallback: 5 };
  assertEquals(integerFlag({}, range), 5);
  assertEquals(integerFlag({ n: "10" }, range), 10);
  for (const text of ["0", "11", "", "1.5", "-1", "1e0", "one", "0x1", " 1"]) {
    assertThrows(
      () => integerFlag({ n: text }, range),
      ConfigError,
      `--n holds "${text}": it should be a whole number from 1 to 10`,
    );
  }
  assertEquals(textFlag({ file: "x" }, "file"), "x");
  assertEquals([textFlag({}, "file"), textFlag({ file: true }, "file")], [null, null]);
});

/** A job that does what its flags say, in a process of its own. */
const SOURCE = `
import { JobError, runJob } from ${JSON.stringify(new URL("./job.ts", import.meta.url).href)};
import { loggerOf } from ${JSON.stringify(new URL("./logging.ts", import.meta.url).href)};
await runJob({
  name: "toast",
  summary: "Makes toast.",
  flags: { mode: { type: "string", value: "M", help: "What to do." } },
  async run({ config, flags, signal }) {
    const secret = config.PG_URL?.password ?? "none";
    if (flags.mode === "work") Deno.stdout.writeSync(new TextEncoder().encode("worked"));
    if (flags.mode === "plain") throw new JobError("Cannot toast\\nwith " + secret + ": plug it in");
    if (flags.mode === "bug") throw new TypeError("Burnt: " + secret);
    if (flags.mode === "log") loggerOf("kitchen").warn("Smells of {what}", { what: secret });
    if (flags.mode === "wait") {
      Deno.stdout.writeSync(new TextEncoder().encode("waiting"));
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    if (flags.mode === "deaf") {
      Deno.stdout.writeSync(new TextEncoder().encode("waiting"));
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    }
  },
});
`;

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Started {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Sent once it waits. */
  readonly signals?: readonly Deno.Signal[];
  /** Between them. @default {700} */
  readonly gapMs?: number;
}

/** Runs the job in an empty folder. */
async function run(
  folder: string,
  { args, env = {}, signals = [], gapMs = 700 }: Started,
): Promise<Ended> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--quiet",
      "--no-lock",
      "--no-check",
      "--config",
      CONFIG,
      `${folder}/job.ts`,
      ...args,
    ],
    cwd: folder,
    env: { ...env, NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(child.stderr).text();
  let stdout = "";
  const decoder = new TextDecoder();
  const waiting = [...signals];
  for await (const chunk of child.stdout) {
    stdout += decoder.decode(chunk);
    if (stdout.includes("waiting")) {
      for (const signal of waiting.splice(0)) {
        child.kill(signal);
        await new Promise((resolve) => setTimeout(resolve, gapMs));
      }
    }
  }
  const { code } = await child.status;
  return { code, stdout, stderr: await stderr };
}

const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

async function withJob(test: (run_: (started: Started) => Promise<Ended>) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/job.ts`, SOURCE);
    await test((started) => run(folder, started));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a job's flags, help and exit codes", () =>
  withJob(async (run) => {
    const [help, work, unknown, missing, stray, config] = await Promise.all([
      run({ args: ["-h"] }),
      run({ args: ["--mode", "work"] }),
      run({ args: ["--speed", "9"] }),
      run({ args: ["--mode"] }),
      run({ args: ["now"] }),
      run({ args: ["--mode", "work"], env: { WINDOW_S: "soon" } }),
    ]);
    assertEquals([help.code, help.stderr], [0, ""]);
    assert(help.stdout.includes("--mode M"));
    assertEquals(work, { code: 0, stdout: "worked", stderr: "" });
    for (const ended of [unknown, missing, stray]) {
      assertEquals([ended.code, ended.stdout], [1, ""]);
      assertMatch(ended.stderr, /^[^\n]*: see "deno task toast --help"\n$/);
    }
    assert(unknown.stderr.includes("--speed"));
    assertEquals(config.code, 1);
    assertEquals(
      config.stderr,
      'WINDOW_S holds "soon": it should be a whole number from 1 to 86400\n',
    );
  }));

Deno.test("no secret leaves a job, by whatever way", () =>
  withJob(async (run) => {
    const env = { PG_URL: "postgresql://u:hunter2@127.0.0.1:1/db" };
    const [plain, bug, log] = await Promise.all([
      run({ args: ["--mode", "plain"], env }),
      run({ args: ["--mode", "bug"], env }),
      run({ args: ["--mode", "log"], env }),
    ]);
    assertEquals(plain, { code: 1, stdout: "", stderr: "Cannot toast with ***: plug it in\n" });
    assertEquals(bug.code, 1);
    assertMatch(bug.stderr, /^TypeError: Burnt: \*\*\*\n +at /);
    assertEquals(log.code, 0);
    assertMatch(log.stderr, /Smells of "?\*\*\*"?\n$/);
    for (const { stdout, stderr } of [plain, bug, log]) {
      assertFalse((stdout + stderr).includes("hunter2"));
    }
  }));

Deno.test({
  name: "Ctrl-C ends a job in good order, and a second one at once",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withJob(async (run) => {
      const [once, term, twice, echoed] = await Promise.all([
        run({ args: ["--mode", "wait"], signals: ["SIGINT"] }),
        run({ args: ["--mode", "wait"], signals: ["SIGTERM"] }),
        run({ args: ["--mode", "deaf"], signals: ["SIGINT", "SIGINT"] }),
        // The terminal signals the whole group, and a task runner passes its own signal on.
        run({ args: ["--mode", "wait"], signals: ["SIGINT", "SIGINT"], gapMs: 20 }),
      ]);
      assertEquals([once.code, term.code, twice.code, echoed.code], [0, 0, 130, 0]);
      assert(once.stderr.startsWith("Stopping: "), once.stderr);
    }),
});
