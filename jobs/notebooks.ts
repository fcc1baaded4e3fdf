/** `deno task notebooks`: runs every notebook in a real kernel and refreshes its outputs. */
import { join, resolve } from "node:path";
import { type JobContext, JobError, runJob, textFlag } from "../mod/ops/job.ts";
import { print } from "../mod/ops/terminal.ts";

const FOLDER = "notebooks";
/** What the runner needs of PyPI. */
const PYTHON_PACKAGES = ["nbformat==5.11.1", "jupyter_client==8.10.0"];

/** Settings under which notebooks find nobody's data, so that none ends in a committed file. */
const MADE_UP = { DATA_DIR: "data/notebooks/none", PG_URL: "", KAFKA_BROKERS: "", DATA_PATH: "" };

if (import.meta.main) {
  await runJob({
    name: "notebooks",
    summary: "Runs the notebooks headless with Deno's Jupyter kernel and refreshes their outputs.",
    flags: {
      only: { type: "string", value: "NAME", help: "One of them, such as 03_final_charts." },
      check: { type: "boolean", help: "Leaves the files as they are." },
      own: { type: "boolean", help: "On your own data. Made-up data otherwise: outputs are kept." },
      python: { type: "string", value: "PATH", help: "A Python from 3.9 on (python3)." },
    },
    run: runNotebooks,
  });
}

async function runNotebooks({ config, flags, signal }: JobContext): Promise<void> {
  const only = textFlag(flags, "only");
  const names = (await Array.fromAsync(Deno.readDir(FOLDER)))
    .map((entry) => entry.name)
    .filter((name) => name.endsWith(".ipynb") && (only === null || name.startsWith(only)))
    .sort();
  if (names.length === 0) {
    throw new JobError(`--only holds "${only}": no notebook in ${FOLDER}/ has that name`);
  }
  const folder = resolve(config.DATA_DIR, "notebooks");
  const python = await preparePython(folder, textFlag(flags, "python") ?? "python3");
  await writeKernel(folder);
  const { code } = await new Deno.Command(python, {
    args: [
      join(FOLDER, "run_notebooks.py"),
      ...(flags["check"] === true ? ["--check"] : []),
      ...names.map((name) => join(FOLDER, name)),
    ],
    env: { JUPYTER_DATA_DIR: folder, NO_COLOR: "1", ...(flags["own"] === true ? {} : MADE_UP) },
    signal,
  }).spawn().status;
  if (signal.aborted) return print("Stopped: each notebook is as it was, or whole");
  if (code !== 0) throw new JobError("A notebook failed: see the line above");
}

/** A virtual environment with the runner's packages, made once. */
async function preparePython(folder: string, base: string): Promise<string> {
  const venv = join(folder, "venv");
  const python = join(venv, Deno.build.os === "windows" ? "Scripts/python.exe" : "bin/python");
  if (await succeeds(python, ["-c", "import nbformat, jupyter_client"])) return python;
  print("Preparing Python for the notebooks (once)");
  await Deno.mkdir(folder, { recursive: true });
  const made = await succeeds(base, ["-m", "venv", venv]) &&
    await succeeds(python, ["-m", "pip", "install", "--quiet", ...PYTHON_PACKAGES]);
  if (!made) {
    throw new JobError(
      `Cannot prepare Python in ${venv}: install Python 3.9 or newer with venv and pip, or name ` +
        "one with --python",
    );
  }
  return python;
}

async function succeeds(command: string, args: string[]): Promise<boolean> {
  try {
    const output = await new Deno.Command(command, { args, stdout: "null", stderr: "null" })
      .output();
    return output.success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The kernel is this very Deno, whatever is installed for Jupyter elsewhere. */
async function writeKernel(folder: string): Promise<void> {
  const spec = {
    argv: [Deno.execPath(), "jupyter", "--kernel", "--conn", "{connection_file}"],
    display_name: "Deno",
    language: "typescript",
  };
  await Deno.mkdir(join(folder, "kernels", "deno"), { recursive: true });
  await Deno.writeTextFile(join(folder, "kernels", "deno", "kernel.json"), JSON.stringify(spec));
}
