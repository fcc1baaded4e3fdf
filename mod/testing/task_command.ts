import { z } from "zod";

/** The folder with this project's deno.json. */
const ROOT = decodeURIComponent(new URL("../..", import.meta.url).pathname);

const denoJson = z.object({
  tasks: z.record(z.string(), z.union([z.string(), z.object({ command: z.string() })])),
});

/** Characters that only a shell understands. */
const SHELL_ONLY = /[&|;<>()$`"'*?~#]/;

/**
 * Splits a task's command into the program's arguments, `deno` left out. Only a single plain `deno …`
 * command is taken: it can be started without a shell, so a signal meets the job itself.
 *
 * @throws {Error} if the command is anything else.
 *
 * @example
 * ```ts
 * import { splitTask } from "./task_command.ts";
 * const args = splitTask("deno run -P=ingest jobs/ingest.ts");
 * if (args.join() !== "run,-P=ingest,jobs/ingest.ts") throw new Error("Unexpected split");
 * ```
 */
export function splitTask(command: string): string[] {
  const [program, ...args] = command.trim().split(/\s+/);
  if (program !== "deno" || args.length === 0 || SHELL_ONLY.test(command)) {
    throw new Error(
      `Cannot start "${command}" without a shell: make it one plain "deno …" command`,
    );
  }
  return args;
}

/**
 * Reads what `deno task NAME` runs from the deno.json in `root`, this project's own if left out.
 *
 * @returns the arguments after `deno`, and the folder to run in.
 * @throws {Error} if there is no such task, or it needs a shell.
 *
 * @example
 * ```ts
 * import { taskCommand } from "./task_command.ts";
 * async function example() {
 *   const { args, cwd } = await taskCommand("test");
 *   return new Deno.Command("deno", { args, cwd });
 * }
 * ```
 */
export async function taskCommand(
  name: string,
  root = ROOT,
): Promise<{ args: string[]; cwd: string }> {
  const { tasks } = denoJson.parse(JSON.parse(await Deno.readTextFile(`${root}/deno.json`)));
  const task = tasks[name];
  if (task === undefined) {
    throw new Error(`Cannot find task "${name}" in deno.json: it has ${Object.keys(tasks)}`);
  }
  return { args: splitTask(typeof task === "string" ? task : task.command), cwd: root };
}
